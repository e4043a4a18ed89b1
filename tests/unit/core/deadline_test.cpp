#include "leasehold/deadline.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>

using leasehold::Deadline;
using leasehold::Timeout;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr nanoseconds length(Timeout timeout) { return timeout.length(); }
using Thirds = duration<std::int64_t, std::ratio<1, 3>>;

}  // namespace

TEST_CASE("a length that nanoseconds can count is that length") {
  static_assert(length(0ms) == 0ns);
  static_assert(length(20ms) == 20ms);
  static_assert(length(-1h) == -1h);
  static_assert(length(nanoseconds::max()) == nanoseconds::max());
  static_assert(length(hours(2'562'047)) == hours(2'562'047));
  static_assert(length(duration<double>(0.25)) == 250ms);
  static_assert(length(Thirds(3'000'000'000)) == 1'000'000'000s);
  static_assert(length(duration<std::uint64_t, std::nano>(7)) == 7ns);
}

TEST_CASE("a length that nanoseconds cannot count is the longest they can, not less than nothing") {
  static_assert(length(microseconds::max()) == nanoseconds::max());
  static_assert(length(milliseconds::max()) == nanoseconds::max());
  static_assert(length(seconds::max()) == nanoseconds::max());
  static_assert(length(minutes::max()) == nanoseconds::max());
  static_assert(length(hours::max()) == nanoseconds::max());
  static_assert(length(hours(2'562'048)) == nanoseconds::max());
  static_assert(length(Thirds::max()) == nanoseconds::max());
  static_assert(length(duration<std::uint64_t, std::nano>::max()) == nanoseconds::max());
  static_assert(length(duration<double>(1e300)) == nanoseconds::max());
  static_assert(length(duration<double>(std::numeric_limits<double>::infinity())) ==
                nanoseconds::max());
}

TEST_CASE("a length far below nothing stays below nothing, and no number is nothing") {
  static_assert(length(hours::min()) == nanoseconds::min());
  static_assert(length(seconds::min()) == nanoseconds::min());
  static_assert(length(duration<float>(-1e30F)) == nanoseconds::min());
  CHECK(length(duration<double>(std::numeric_limits<double>::quiet_NaN())) == 0ns);
}

TEST_CASE("a time point that the clock cannot show is never, or long ago") {
  using InSeconds = time_point<steady_clock, seconds>;
  static_assert(Deadline(InSeconds::max()).at() == steady_clock::time_point::max());
  static_assert(Deadline(InSeconds::min()).at() == steady_clock::time_point::min());
  static_assert(Deadline(InSeconds(5s)).at() == steady_clock::time_point(5s));
}

TEST_CASE("a timeout ends that long from now, and never if there is no such time") {
  constexpr steady_clock::time_point kNow(1h);
  static_assert(Deadline::in(1s, kNow).at() == kNow + 1s);
  static_assert(Deadline::in(-2h, kNow).at() == kNow - 2h);
  static_assert(Deadline::in(hours::max(), kNow).at() == Deadline::never().at());
  static_assert(Deadline::in(nanoseconds::max(), kNow).at() == Deadline::never().at());
  static_assert(Deadline::in(hours::min(), kNow).at() < kNow);
}

TEST_CASE("a timeout from a time far from the clock's zero ends within what the clock can show") {
  using Time = steady_clock::time_point;
  static_assert(Deadline::in(1s, Time(-1h)).at() == Time(1s - 1h));
  static_assert(Deadline::in(hours(2'562'047), Time::min()).at() == Time::min() + hours(2'562'047));
  static_assert(Deadline::in(hours::max(), Time::min()).at() == Deadline::never().at());
  static_assert(Deadline::in(-1s, Time::min()).at() == Time::min());
  static_assert(Deadline::in(hours::min(), Time(-1h)).at() == Time::min());
  static_assert(Deadline::in(1h, Time::max()).at() == Deadline::never().at());
  static_assert(Deadline::in(-1h, Time::max()).at() == Time::max() - 1h);
}
