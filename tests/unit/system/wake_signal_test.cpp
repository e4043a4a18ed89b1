#include "system/wake_signal.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

#include "support/sanitizer.hpp"

using leasehold::detail::kNever;
using leasehold::detail::TimePoint;
using leasehold::detail::WakeSignal;
using leasehold::test::kSanitized;
using Woken = WakeSignal::Woken;

TEST_CASE("a signal that is set is found set, now and later") {
  WakeSignal signal;
  signal.set();
  CHECK(signal.wait_until(kNever) == Woken::set);
  CHECK(signal.wait_until(TimePoint{}) == Woken::set);
}

TEST_CASE("a deadline in the past does not sleep") {
  WakeSignal signal;
  CHECK(signal.wait_until(TimePoint{}) == Woken::timed_out);
  CHECK(signal.wait_until(TimePoint{} - std::chrono::nanoseconds(1)) == Woken::timed_out);
  CHECK(signal.wait_until(TimePoint{} - std::chrono::hours(1)) == Woken::timed_out);
  CHECK(signal.wait_until(TimePoint::min()) == Woken::timed_out);
}

TEST_CASE("a deadline passes") {
  WakeSignal signal;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
  CHECK(signal.wait_until(deadline) == Woken::timed_out);
  CHECK(std::chrono::steady_clock::now() >= deadline);
}

TEST_CASE("a nudge is seen once, and does not hide the answer") {
  WakeSignal signal;
  signal.nudge();
  CHECK(signal.wait_until(kNever) == Woken::nudged);
  CHECK(signal.wait_until(TimePoint{}) == Woken::timed_out);
  signal.nudge();
  signal.set();
  CHECK(signal.wait_until(kNever) == Woken::set);
}

TEST_CASE("no wake-up is lost between looking and falling asleep") {
  for (int round = 0; round < (kSanitized ? 2'000 : 20'000); ++round) {
    WakeSignal signal;
    std::uint64_t answer = 0;
    std::thread waker([&] {
      answer = 42;
      signal.nudge();
      signal.set();
    });
    signal.wait_set();
    REQUIRE(answer == 42);
    waker.join();
  }
}

TEST_CASE("the sleeper may destroy the signal as soon as it is woken") {
  for (int round = 0; round < 2'000; ++round) {
    auto signal = std::make_unique<WakeSignal>();
    std::thread waker([address = signal.get()] { address->set(); });
    signal->wait_set();
    signal.reset();
    waker.join();
  }
}
