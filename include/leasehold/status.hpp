#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace leasehold {

// A snapshot of a pool. Each number was true at some moment of the call, not all at the same one.
// idle + leased = size.
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
