#pragma once

#include <sys/timerfd.h>

#include <algorithm>
#include <chrono>

namespace leasehold::paper::detail {

// Time as the exchange sees it: injected, so that tests own it. Outlives who uses it.
//
// Thread: any.
class TimeSource {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual TimePoint now() const noexcept = 0;
  // Makes the timerfd readable once `at` has come, and not before; max(): never. Who closes it
  // tells max() first.
  virtual void arm(int timer, TimePoint at) const noexcept = 0;

 protected:
  ~TimeSource() = default;
};

// std::chrono::steady_clock.
class SteadyTime final : public TimeSource {
 public:
  TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }

  void arm(int timer, TimePoint at) const noexcept override {
    constexpr std::chrono::nanoseconds kFirst(1);
    itimerspec time{};  // all zero: disarmed, and readable no more
    if (at != TimePoint::max()) {
      // Zero would disarm it too, and the kernel knows no time before.
      const auto since_epoch = std::max<std::chrono::nanoseconds>(at.time_since_epoch(), kFirst);
      const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
      time.it_value.tv_sec = seconds.count();
      time.it_value.tv_nsec = (since_epoch - seconds).count();
    }
    ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, nullptr);
  }
};

inline constexpr SteadyTime kSteadyTime{};

}  // namespace leasehold::paper::detail
