#pragma once

#include <sys/timerfd.h>

#include <chrono>
#include <map>
#include <mutex>

#include "paper/server/time_source.hpp"

namespace leasehold::test {

// The exchange's time, standing still until a test moves it: nothing is late, or in time, because
// of the machine.
class ManualTime final : public paper::detail::TimeSource {
 public:
  TimePoint now() const noexcept override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  void arm(int timer, TimePoint at) const noexcept override {
    const std::lock_guard lock(mutex_);
    armed_.erase(timer);
    if (at != TimePoint::max()) armed_.emplace(timer, at);
    ring(timer, at <= now_);
  }

  void advance(std::chrono::nanoseconds by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    for (const auto& [timer, at] : armed_) {
      if (at <= now_) ring(timer, true);
    }
  }

  // Nobody waits for a time, and who was woken by one has taken notice.
  bool awaited_by_nobody() const {
    const std::lock_guard lock(mutex_);
    return armed_.empty();
  }

 private:
  // Readable now, or not at all.
  static void ring(int timer, bool now) noexcept {
    itimerspec time{};
    time.it_value.tv_nsec = now ? 1 : 0;
    ::timerfd_settime(timer, 0, &time, nullptr);
  }

  mutable std::mutex mutex_;
  mutable std::map<int, TimePoint> armed_;
  TimePoint now_{std::chrono::hours(1)};
};

}  // namespace leasehold::test
