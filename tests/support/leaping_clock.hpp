#pragma once

#include <chrono>

#include "system/clock.hpp"

namespace leasehold::test {

// Time that is there at once: who waits until a time is at it, unless what it waits for has come.
//
// Thread: one.
class LeapingClock final : public detail::Clock {
 public:
  detail::TimePoint now() const noexcept override { return now_; }

  detail::WakeSignal::Woken wait_until(detail::WakeSignal& signal,
                                       detail::TimePoint deadline) const noexcept override {
    const auto woken = signal.wait_until(detail::TimePoint{});
    if (woken == detail::WakeSignal::Woken::timed_out && deadline > now_) now_ = deadline;
    return woken;
  }

  void advance(std::chrono::nanoseconds by) { now_ += by; }
  std::chrono::milliseconds since_start() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kStart);
  }

 private:
  static constexpr detail::TimePoint kStart{std::chrono::hours(1)};
  mutable detail::TimePoint now_ = kStart;
};

}  // namespace leasehold::test
