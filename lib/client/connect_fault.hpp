#pragma once

#include <string>

#include "client/connection.hpp"
#include "client/http_probe.hpp"
#include "client/tls_session.hpp"
#include "leasehold/outcome.hpp"

namespace leasehold::detail {

// An attempt to connect that failed, as far as it is known.
struct FailedAttempt {
  std::string address;
  std::string probe = {};  // the setting
  Interruption by = Interruption::none;
  Probed probed = Probed::failed;
  bool took_all_time = false;  // that it had
  bool made_socket = true;     // and had a descriptor to spare for its duplicate
  bool began_handshake = false;
  bool verifies = true;    // the certificate
  ConnectionEnd end = {};  // if it began a handshake
};

// The cause that an interruption is; none if there was none.
Cause cause_of(Interruption by) noexcept;

// Why it failed. Throws std::bad_alloc.
Fault connect_fault(const FailedAttempt& attempt);

}  // namespace leasehold::detail
