#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace leasehold::detail {

using TimePoint = std::chrono::steady_clock::time_point;
// As a deadline: never.
inline constexpr TimePoint kNever = TimePoint::max();

// What one thread sleeps on until another has an answer for it. Lives on the sleeper's stack.
//
// Thread: one sleeper, any number of callers of nudge(), one caller of set(), once.
// Lifetime: the sleeper may destroy the signal as soon as a wait returned `set`; set() touches only
//   the address afterwards, for the kernel's wake-up, never the memory.
// Cost: set() and nudge() make a system call only if the sleeper sleeps; waiting for what is
//   already set makes none.
//
// Not std::binary_semaphore: libstdc++'s timed wait polls with a growing sleep, and in 12.2 its
// untimed one can sleep forever (GCC bug 104928).
class WakeSignal {
 public:
  enum class Woken : std::uint8_t { set, nudged, timed_out };

  WakeSignal() noexcept = default;
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  // The answer is there: what the caller wrote before is visible to the sleeper.
  void set() noexcept { wake(kSet); }
  // Makes a wait return `nudged`, now or the next one, so that the sleeper looks around.
  void nudge() noexcept { wake(kNudged); }

  // Sleeps until set, nudged, or `deadline` on the steady clock.
  Woken wait_until(TimePoint deadline) noexcept;
  // Sleeps until set; consumes nudges.
  void wait_set() noexcept {
    while (wait_until(kNever) != Woken::set) {
    }
  }

 private:
  static constexpr std::uint32_t kSet = 1;
  static constexpr std::uint32_t kNudged = 2;
  static constexpr std::uint32_t kAsleep = 4;  // the sleeper is, or is about to be, in the kernel

  void wake(std::uint32_t bit) noexcept;

  // The futex. The release in wake() pairs with the acquire loads in wait_until().
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace leasehold::detail
