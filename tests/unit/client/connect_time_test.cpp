#include "client/connect_time.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "support/manual_clock.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;
using detail::ConnectTime;

TEST_CASE("an attempt's first address has the whole time, the others what is left of it") {
  ManualClock clock;
  ConnectTime time(2s, clock);
  clock.advance(1h);  // it begins with the first address
  CHECK(time.next() == std::nullopt);
  CHECK(time.next() == 2s);
  clock.advance(1500ms);
  CHECK(time.next() == 500ms);
  clock.advance(499ms + 1us);
  CHECK(time.next() == 1ms);
  clock.advance(999us);
  CHECK(time.next() == 0ms);
  clock.advance(1h);
  CHECK(time.next() <= 0ms);
}

TEST_CASE("a copy is another attempt's, as when it is in a function that is copied") {
  ManualClock clock;
  ConnectTime first(2s, clock);
  CHECK(first.next() == std::nullopt);
  clock.advance(2s);
  ConnectTime second(first);
  CHECK(second.next() == std::nullopt);
  CHECK(second.next() == 2s);
  CHECK(first.next() == 0ms);

  using Next = std::function<std::optional<std::chrono::milliseconds>()>;
  Next kept = [time = ConnectTime(2s, clock)]() mutable { return time.next(); };
  Next attempt = kept;
  CHECK(attempt() == std::nullopt);
  clock.advance(1s);
  Next moved = std::move(attempt);
  CHECK(moved() == 1s);
  Next next_attempt = kept;
  CHECK(next_attempt() == std::nullopt);
}
