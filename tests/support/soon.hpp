#pragma once

#include <chrono>

namespace leasehold::test {

// A deadline for what is done long before it on a machine that works, however slowly.
inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(5);
}

}  // namespace leasehold::test
