#include "support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace leasehold::test {

namespace {

using detail::BioPtr;
using detail::OpenSslPtr;

constexpr long kDay = 24L * 60 * 60;

void require(bool done, const char* what) {
  if (!done) detail::throw_openssl_error(what);
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OpenSslPtr<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

// Everything but the extensions that tell what it is for, and the signature.
Certified blank(const std::string& name, int days) {
  static long serial = 0;
  Certified made{.key = detail::KeyPtr(EVP_EC_gen("P-256")),
                 .certificate = detail::CertificatePtr(X509_new())};
  require(made.key && made.certificate, "begin a certificate");
  X509* const certificate = made.certificate.get();
  const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
  require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) == 1 &&
              X509_set_version(certificate, X509_VERSION_3) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * kDay) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), days * kDay) != nullptr &&
              X509_set_pubkey(certificate, made.key.get()) == 1 &&
              X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                         text, -1, -1, 0) == 1,
          "fill in a certificate");
  return made;
}

void sign(const Certified& made, const Certified& issuer) {
  X509* const certificate = made.certificate.get();
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get())) == 1,
          "name an issuer");
  extend(certificate, issuer.certificate.get(), NID_subject_key_identifier, "hash");
  extend(certificate, issuer.certificate.get(), NID_authority_key_identifier, "keyid");
  require(X509_sign(certificate, issuer.key.get(), EVP_sha256()) != 0, "sign a certificate");
}

Certified make_authority(const std::string& name, const Certified* issuer) {
  Certified made = blank(name, 1);
  X509* const certificate = made.certificate.get();
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(made, issuer != nullptr ? *issuer : made);
  return made;
}

template <class Write>
std::string written(Write write) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  require(memory && write(memory.get()) == 1, "write PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

std::string Certified::pem() const {
  return written([this](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string Certified::key_pem() const {
  return written([this](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string Certified::empty_crl_pem() const {
  const OpenSslPtr<X509_CRL, X509_CRL_free> crl(X509_CRL_new());
  const OpenSslPtr<ASN1_TIME, ASN1_TIME_free> now(X509_gmtime_adj(nullptr, 0));
  require(crl && now && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate.get())) == 1 &&
              X509_CRL_set1_lastUpdate(crl.get(), now.get()) == 1 &&
              X509_CRL_sign(crl.get(), key.get(), EVP_sha256()) != 0,
          "make a revocation list");
  return written([&crl](BIO* out) { return PEM_write_bio_X509_CRL(out, crl.get()); });
}

Certified make_root(const std::string& name) { return make_authority(name, nullptr); }

Certified make_intermediate(const Certified& issuer, const std::string& name) {
  return make_authority(name, &issuer);
}

Certified make_server(const Certified& issuer, const ServerNames& names) {
  Certified made = blank("server", names.days);
  X509* const certificate = made.certificate.get();
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate, certificate, NID_key_usage, "critical,digitalSignature");
  extend(certificate, certificate, NID_ext_key_usage, "serverAuth");
  extend(certificate, certificate, NID_subject_alt_name, names.hosts);
  sign(made, issuer);
  return made;
}

}  // namespace leasehold::test
