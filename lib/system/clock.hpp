#pragma once

#include "system/wake_signal.hpp"

namespace leasehold::detail {

// Time as the pool sees it: injected, so that tests own it. Implementations are thread-safe and
// outlive every pool that uses them.
class Clock {
 public:
  virtual TimePoint now() const noexcept = 0;
  // Sleeps until `signal` is set or nudged, or until `deadline` by this clock.
  virtual WakeSignal::Woken wait_until(WakeSignal& signal, TimePoint deadline) const noexcept = 0;

 protected:
  ~Clock() = default;
};

// std::chrono::steady_clock.
class SteadyClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }
  WakeSignal::Woken wait_until(WakeSignal& signal, TimePoint deadline) const noexcept override {
    return signal.wait_until(deadline);
  }
};

inline constexpr SteadyClock kSteadyClock{};

// Sleeps until `signal` is set. False: not before `deadline`, and leave() has said that it will not
// be; else it is on its way.
template <class Leave>
bool await_set(const Clock& clock, WakeSignal& signal, TimePoint deadline, Leave leave) noexcept {
  while (clock.wait_until(signal, deadline) != WakeSignal::Woken::set) {
    if (clock.now() < deadline) continue;
    if (leave()) return false;
    deadline = kNever;
  }
  return true;
}

}  // namespace leasehold::detail
