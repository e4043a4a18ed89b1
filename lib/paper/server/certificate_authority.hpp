#pragma once

#include <string>
#include <vector>

#include "system/openssl.hpp"

namespace leasehold::paper::detail {

using leasehold::detail::CertificatePtr;
using leasehold::detail::KeyPtr;

// A certificate with its private key.
struct Identity {
  KeyPtr key;
  CertificatePtr certificate;
};

// A certificate authority that lives and dies in memory: ECDSA with P-256, valid for one year from
// yesterday.
//
// Thread: one at a time.
class CertificateAuthority {
 public:
  CertificateAuthority();

  // A server's identity that names these hosts and addresses.
  Identity issue(const std::vector<std::string>& dns_names,
                 const std::vector<std::string>& ip_addresses) const;

  std::string pem() const;

 private:
  Identity self_;
};

}  // namespace leasehold::paper::detail
