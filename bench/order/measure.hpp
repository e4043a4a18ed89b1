#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "order/contestants.hpp"

namespace leasehold::bench {

// Of one contestant in one round. Latency is from the wish to send to the checked answer, the wait
// for a client included.
struct Measured {
  double requests_per_second;
  double cpu_us_per_request;  // of this process: user and system, all threads
  double p50_us;
  double p99_us;
  double max_us;
  std::uint64_t requests;  // those before the clock started included, but for one a connection
};

// Has `threads` threads, of which the caller is the first, send orders for `time`, each one after
// the other, after a tenth of that to warm up. Throws what the contestant throws; if `stop` is
// triggered, it is cut short and means nothing.
Measured measure(Contestant& contestant, unsigned threads, std::chrono::duration<double> time,
                 const std::stop_token& stop);

}  // namespace leasehold::bench
