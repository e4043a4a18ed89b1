#include "system/wake_signal.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace leasehold::detail {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t),
              "the kernel reads the futex word as a plain 32-bit integer");

// Returns once woken, or when `word` does not hold `expected`, or at the absolute `deadline`
// (steady_clock is CLOCK_MONOTONIC, which FUTEX_WAIT_BITSET takes as it is). False: timed out.
bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                TimePoint deadline) noexcept {
  using std::chrono::duration_cast;
  timespec at{};
  if (deadline != kNever) {
    const auto since_boot = deadline.time_since_epoch();
    if (since_boot.count() < 0) return false;  // the kernel knows no such time
    const auto whole = duration_cast<std::chrono::seconds>(since_boot);
    at.tv_sec = whole.count();
    at.tv_nsec = duration_cast<std::chrono::nanoseconds>(since_boot - whole).count();
  }
  const long rc = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                          deadline == kNever ? nullptr : &at, nullptr, FUTEX_BITSET_MATCH_ANY);
  return rc == 0 || errno != ETIMEDOUT;
}

}  // namespace

void WakeSignal::wake(std::uint32_t bit) noexcept {
  const void* const address = &word_;
  if ((word_.fetch_or(bit, std::memory_order_release) & kAsleep) == 0) return;
  // From here on the sleeper may be gone. A wake-up of a reused address is a spurious one for
  // whoever sleeps there, which every futex wait must expect.
  syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

WakeSignal::Woken WakeSignal::wait_until(TimePoint deadline) noexcept {
  std::uint32_t seen = word_.load(std::memory_order_acquire);
  for (bool in_time = true;;) {
    if ((seen & kSet) != 0) return Woken::set;
    if ((seen & kNudged) != 0) {
      word_.fetch_and(~(kNudged | kAsleep), std::memory_order_relaxed);
      // A set() between the load and here is found by the next wait.
      return Woken::nudged;
    }
    if (!in_time) return Woken::timed_out;
    if ((seen & kAsleep) == 0 &&
        !word_.compare_exchange_weak(seen, seen | kAsleep, std::memory_order_acquire)) {
      continue;
    }
    in_time = futex_wait(word_, kAsleep, deadline);
    seen = word_.load(std::memory_order_acquire);
  }
}

}  // namespace leasehold::detail
