#pragma once

#include <atomic>
#include <cstdint>

namespace leasehold::detail {

// What is known of a client, for others to judge: data, and no decisions.
//
// Thread: the owner of the client; `handshakes` may be read by any.
struct ClientHealth {
  bool condemned = false;                    // not to be used again as it is
  bool swollen = false;                      // by a large request or answer, whose memory it keeps
  bool connecting = false;                   // a socket was made, and no handshake has begun on it
  std::atomic<std::uint64_t> handshakes{0};  // completed; nothing is published with the count
};

}  // namespace leasehold::detail
