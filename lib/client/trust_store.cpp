#include "client/trust_store.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>

#include "leasehold/settings.hpp"

namespace leasehold::detail {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw SettingsError("client.ca_file", path,
                      "a readable PEM file with at least one certificate (" + why + ")");
}

}  // namespace

TrustStore::TrustStore(const std::string& ca_file) : store_(X509_STORE_new()) {
  if (!store_) throw std::bad_alloc();
  ERR_clear_error();
  if (ca_file.empty()) {
    if (X509_STORE_set_default_paths(store_.get()) != 1) {
      throw SettingsError("client.ca_file", ca_file,
                          "the system's certificate authorities (" + take_openssl_error() + ")");
    }
  } else {
    // OpenSSL's own message for a missing file does not say which, or why.
    if (std::FILE* file = std::fopen(ca_file.c_str(), "re"); file != nullptr) {
      static_cast<void>(std::fclose(file));
    } else {
      refuse(ca_file, std::generic_category().message(errno));
    }
    if (X509_STORE_load_file(store_.get(), ca_file.c_str()) != 1) {
      refuse(ca_file, take_openssl_error());
    }
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
