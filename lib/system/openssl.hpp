#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace leasehold::detail {

// Frees what OpenSSL made, by the function that is for it.
template <auto Free>
struct OpenSslFree {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
template <class T, auto Free>
using OpenSslPtr = std::unique_ptr<T, OpenSslFree<Free>>;

using BioPtr = OpenSslPtr<BIO, BIO_free>;
using KeyPtr = OpenSslPtr<EVP_PKEY, EVP_PKEY_free>;
using CertificatePtr = OpenSslPtr<X509, X509_free>;
using StorePtr = OpenSslPtr<X509_STORE, X509_STORE_free>;
using SslContextPtr = OpenSslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpenSslPtr<SSL, SSL_free>;

// The oldest error in the calling thread's queue, of which the later ones are consequences; empties
// the queue. Inline, as both libraries need it, and neither shows the other more than its
// interface.
inline std::string take_openssl_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

// Throws std::runtime_error: "cannot <what>: <that error>".
[[noreturn]] inline void throw_openssl_error(const char* what) {
  throw std::runtime_error(std::string("cannot ") + what + ": " + take_openssl_error());
}

}  // namespace leasehold::detail
