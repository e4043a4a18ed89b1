#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "system/clock.hpp"

namespace leasehold::test {

// Time that stands still until a test moves it. Deadlines pass when, and only when, advance()
// says so.
class ManualClock final : public detail::Clock {
 public:
  detail::TimePoint now() const noexcept override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  detail::WakeSignal::Woken wait_until(detail::WakeSignal& signal,
                                       detail::TimePoint deadline) const noexcept override {
    {
      const std::lock_guard lock(mutex_);
      if (now_ >= deadline) return signal.wait_until(detail::TimePoint{});
      sleepers_.push_back(&signal);
      changed_.notify_all();
    }
    const auto woken = signal.wait_until(detail::kNever);
    const std::lock_guard lock(mutex_);
    std::erase(sleepers_, &signal);
    changed_.notify_all();
    return woken;
  }

  void advance(std::chrono::nanoseconds by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    for (detail::WakeSignal* const signal : sleepers_) signal->nudge();
  }

  // Until exactly `count` threads sleep here.
  void await_sleepers(std::size_t count) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sleepers_.size() == count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::vector<detail::WakeSignal*> sleepers_;
  detail::TimePoint now_{std::chrono::hours(1)};
};

}  // namespace leasehold::test
