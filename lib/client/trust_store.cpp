#include "client/trust_store.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <new>

#include "client/certificate_file.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::detail {
namespace {

void add_system(X509_STORE* store) {
  ERR_clear_error();
  if (X509_STORE_set_default_paths(store) == 1) return;
  throw SettingsError("client.ca_file", "",
                      "the system's certificate authorities (" + take_openssl_error() + ")");
}

void add_file(X509_STORE* store, const std::string& path) {
  for (const CertificatePtr& anchor : read_certificates(path)) {
    if (X509_STORE_add_cert(store, anchor.get()) != 1) throw std::bad_alloc();
  }
  // What stands in the file is trusted as it is: OpenSSL would go on to a root that signed itself,
  // and refuse an issuing authority, or a server's own certificate, without it.
  if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1) throw std::bad_alloc();
}

}  // namespace

TrustStore::TrustStore(const std::string& ca_file) : store_(X509_STORE_new()) {
  if (!store_) throw std::bad_alloc();
  if (ca_file.empty()) {
    add_system(store_.get());
  } else {
    add_file(store_.get(), ca_file);
  }
  X509_LOOKUP* const directory = X509_STORE_add_lookup(store_.get(), X509_LOOKUP_hash_dir());
  if (directory == nullptr ||
      X509_LOOKUP_add_dir(directory, kNoDirectory, X509_FILETYPE_PEM) != 1) {
    throw std::bad_alloc();
  }
  // Parsed here, once, and not by the first clients to connect, all at the same time.
  const STACK_OF(X509_OBJECT)* const entries = X509_STORE_get0_objects(store_.get());
  for (int at = 0; at < sk_X509_OBJECT_num(entries); ++at) {
    X509* const authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(entries, at));
    if (authority != nullptr) X509_check_purpose(authority, -1, 0);
  }
  ERR_clear_error();
}

X509_STORE* TrustStore::share() const noexcept {
  X509_STORE_up_ref(store_.get());
  return store_.get();
}

}  // namespace leasehold::detail
