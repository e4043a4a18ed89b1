#pragma once

#include <string>

#include "system/openssl.hpp"

namespace leasehold::test {

// A certificate with its private key (ECDSA, P-256), made for one test.
struct Certified {
  detail::KeyPtr key;
  detail::CertificatePtr certificate;

  std::string pem() const;
  std::string key_pem() const;
  // An authority's revocation list, with nothing on it.
  std::string empty_crl_pem() const;
};

// Valid since yesterday. Failures are std::runtime_error.
Certified make_root(const std::string& name);
Certified make_intermediate(const Certified& issuer, const std::string& name);

// A server's certificate for 127.0.0.1, ::1 and localhost, or for other `hosts`. Without `days` in
// the future it has expired.
struct ServerNames {
  std::string hosts = "IP:127.0.0.1,IP:::1,DNS:localhost";
  int days = 1;
};
Certified make_server(const Certified& issuer, const ServerNames& names = {});

}  // namespace leasehold::test
