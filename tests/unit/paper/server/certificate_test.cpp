// The certificate that clients are to trust, as OpenSSL's own checks see it.
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "paper/server/certificate_authority.hpp"

using namespace leasehold::detail;
using namespace leasehold::paper::detail;

namespace {

// What a TLS client would say that trusts this authority alone: X509_V_OK or the reason.
int verify(const CertificateAuthority& authority, const Identity& identity) {
  const std::string pem = authority.pem();
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertificatePtr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  REQUIRE(root);
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.get());
  const OpenSslPtr<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), identity.certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

}  // namespace

TEST_CASE("a server's certificate is valid under its authority, strictly, and under no other") {
  const CertificateAuthority authority;
  const Identity identity = authority.issue({"localhost"}, {"127.0.0.1", "::1"});
  CHECK(verify(authority, identity) == X509_V_OK);
  CHECK(verify(CertificateAuthority(), identity) != X509_V_OK);
}

TEST_CASE("a server's certificate names the hosts and addresses it was issued for") {
  const Identity identity = CertificateAuthority().issue({"localhost"}, {"127.0.0.1", "::1"});
  X509* const certificate = identity.certificate.get();
  CHECK(X509_check_host(certificate, "localhost", 0, 0, nullptr) == 1);
  CHECK(X509_check_ip_asc(certificate, "127.0.0.1", 0) == 1);
  CHECK(X509_check_ip_asc(certificate, "::1", 0) == 1);
  CHECK(X509_check_host(certificate, "example.com", 0, 0, nullptr) == 0);
  CHECK(X509_check_ip_asc(certificate, "127.0.0.2", 0) == 0);
  CHECK(X509_check_private_key(certificate, identity.key.get()) == 1);
}

TEST_CASE("names that are no addresses are refused, with OpenSSL's reason") {
  CHECK_THROWS_WITH_AS(CertificateAuthority().issue({}, {"no address"}),
                       doctest::Contains("cannot make a certificate extension"),
                       std::runtime_error);
}
