#pragma once

#include <chrono>
#include <optional>

#include "system/clock.hpp"

namespace leasehold::detail {

// The time that one attempt to connect has for all addresses of the name together.
//
// cpp-httplib gives each address the whole of it. It tells of each new socket by a function that it
// copies once for each attempt (0.11.4 to 0.53.1 alike), so a copy is the next attempt's.
//
// Thread: the one that connects.
class ConnectTime {
 public:
  // `clock` outlives it.
  ConnectTime(std::chrono::milliseconds whole, const Clock& clock) : whole_(whole), clock_(clock) {}
  ConnectTime(const ConnectTime& other) noexcept : whole_(other.whole_), clock_(other.clock_) {}
  ConnectTime& operator=(const ConnectTime&) = delete;

  // For the attempt's next address: nothing if it is the first, which has the whole; else what is
  // left, rounded up, and 0 or less if there is nothing.
  std::optional<std::chrono::milliseconds> next() noexcept {
    const TimePoint now = clock_.now();
    if (!began_) {
      began_ = now;
      return std::nullopt;
    }
    return std::chrono::ceil<std::chrono::milliseconds>(whole_ - (now - *began_));
  }

 private:
  const std::chrono::milliseconds whole_;
  const Clock& clock_;
  std::optional<TimePoint> began_;
};

}  // namespace leasehold::detail
