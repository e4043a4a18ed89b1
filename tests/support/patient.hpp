#pragma once

#include <chrono>

#include "leasehold/paper/exchange.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::test {

// A machine that is slow, or that stood still for a while, has not failed: a timeout that a test is
// not about must not pass in it.
inline ClientSettings patient_client(ClientSettings settings) {
  settings.connect_timeout = settings.request_timeout = std::chrono::hours(1);
  return settings;
}

inline PoolSettings patient_pool(PoolSettings settings) {
  settings.acquire_timeout = std::chrono::hours(1);
  return settings;
}

inline paper::ExchangeSettings patient_exchange(paper::ExchangeSettings settings = {}) {
  settings.idle_timeout = settings.stall_timeout = std::chrono::hours(24);
  return settings;
}

}  // namespace leasehold::test
