#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace leasehold {

// What close() did with the leases that were out when it began.
struct CloseReport {
  std::size_t drained = 0;  // given back in time
  std::size_t cut_off = 0;  // still out at the deadline: their connections were shut down
};

// A look at a pool, or another source of clients, while it is used: counted one after the other, so
// a client that moves meanwhile may be counted where it was or where it went, and the sums need not
// ever have been true. Exact while nobody acquires or releases. idle + leased = size.
struct PoolStatus {
  std::string name;
  std::string origin;
  std::size_t size = 0;            // clients, fixed at construction
  std::size_t idle = 0;            // in the pool
  std::size_t leased = 0;          // with a thread
  std::size_t waiting_urgent = 0;  // threads in line, by lane
  std::size_t waiting_normal = 0;
  std::uint64_t handshakes = 0;  // TLS handshakes completed so far, all on engine threads
  std::uint64_t condemned = 0;   // clients condemned so far
  std::string last_condemned;    // the reason given last, empty if none
  bool closed = false;
};

}  // namespace leasehold
