#pragma once

#include <chrono>
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

// A look at a channel while it is used, as of one moment but for `refused` and `handshakes`.
// submitted = queued + under way + answered + not_sent + in_doubt.
struct ChannelStatus {
  std::string name;
  std::string origin;
  std::size_t workers = 0;
  std::size_t clients = 0;
  std::size_t capacity = 0;
  std::size_t queued_urgent = 0;  // not begun, by lane
  std::size_t queued_normal = 0;
  std::size_t out_of_turn = 0;  // of these, ordered ones behind another of their tenant's
  std::size_t under_way = 0;    // with a client, connecting included

  // Since the channel was made: requests accepted, and what has become of them; those refused; and
  // TLS handshakes completed.
  std::uint64_t submitted = 0;
  std::uint64_t answered = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t in_doubt = 0;
  std::uint64_t refused = 0;
  std::uint64_t handshakes = 0;

  std::uint64_t callback_failures = 0;           // callbacks that threw
  std::string last_callback_failure;             // what(), cut to 127 bytes; empty: none
  std::chrono::nanoseconds longest_callback{0};  // in a worker's thread
  bool closed = false;
};

// What RequestChannel::close() did with the requests that were there when it began, and what has
// become of all that were ever accepted: submitted = answered + not_sent + in_doubt.
struct ChannelCloseReport {
  std::size_t drained = 0;  // ended before the deadline
  std::size_t dropped = 0;  // queued at the deadline: not sent
  std::size_t cut_off = 0;  // under way at the deadline: interrupted
  std::uint64_t submitted = 0;
  std::uint64_t answered = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t in_doubt = 0;
};

}  // namespace leasehold
