#pragma once

#include "leasehold/settings.hpp"
#include "paper/server/certificate_authority.hpp"
#include "support/temporary_folder.hpp"

namespace leasehold::test {

// Settings of clients that connect to nothing. One authority is read much faster than a system's.
inline const ClientSettings& nowhere() {
  static const TemporaryFolder folder;
  static const ClientSettings settings = [] {
    const paper::detail::CertificateAuthority authority;
    return ClientSettings{.origin = "https://127.0.0.1:1",
                          .ca_file = folder.write("ca.pem", authority.pem())};
  }();
  return settings;
}

}  // namespace leasehold::test
