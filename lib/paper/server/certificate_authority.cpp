#include "paper/server/certificate_authority.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace leasehold::paper::detail {

using leasehold::detail::BioPtr;
using leasehold::detail::OpenSslPtr;
using leasehold::detail::throw_openssl_error;

namespace {

constexpr long kDay = 24L * 60 * 60;

void require(bool done, const char* what) {
  if (!done) throw_openssl_error(what);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OpenSslPtr<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension != nullptr, "make a certificate extension");
  require(X509_add_ext(certificate, extension.get(), -1) == 1, "add a certificate extension");
}

// A certificate for a new key: everything but issuer, extensions and signature.
Identity blank(const char* common_name) {
  Identity identity{.key = KeyPtr(EVP_EC_gen("P-256")), .certificate = CertificatePtr(X509_new())};
  require(identity.key != nullptr, "generate a key");
  require(identity.certificate != nullptr, "make a certificate");
  X509* const certificate = identity.certificate.get();

  const OpenSslPtr<BIGNUM, BN_free> serial(BN_new());
  require(serial != nullptr &&
              BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr,
          "make a serial number");
  require(X509_set_version(certificate, X509_VERSION_3) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), 364 * kDay) != nullptr &&
              X509_set_pubkey(certificate, identity.key.get()) == 1,
          "fill in a certificate");
  const auto* const name = reinterpret_cast<const unsigned char*>(common_name);
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, name,
                                     -1, -1, 0) == 1,
          "name a certificate");
  return identity;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
          "name a certificate's issuer");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  require(X509_sign(certificate, key, EVP_sha256()) != 0, "sign a certificate");
}

}  // namespace

CertificateAuthority::CertificateAuthority() : self_(blank("leasehold paper exchange CA")) {
  X509* const certificate = self_.certificate.get();
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, certificate, self_.key.get());
}

Identity CertificateAuthority::issue(const std::vector<std::string>& dns_names,
                                     const std::vector<std::string>& ip_addresses) const {
  std::string names;
  for (const std::string& name : dns_names) names += ",DNS:" + name;
  for (const std::string& address : ip_addresses) names += ",IP:" + address;
  names.erase(0, 1);

  Identity identity = blank("leasehold paper exchange");
  X509* const certificate = identity.certificate.get();
  X509* const issuer = self_.certificate.get();
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_subject_alt_name, names);
  sign(certificate, issuer, self_.key.get());
  return identity;
}

std::string CertificateAuthority::pem() const {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  require(memory != nullptr && PEM_write_bio_X509(memory.get(), self_.certificate.get()) == 1,
          "write a certificate");
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace leasehold::paper::detail
