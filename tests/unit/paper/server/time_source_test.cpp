// The exchange's timers on the real clock; no test waits for one to go off later.
#include "paper/server/time_source.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include "system/unique_fd.hpp"

using namespace leasehold::detail;
using namespace leasehold::paper::detail;
using namespace std::chrono_literals;

namespace {

using Time = TimeSource::TimePoint;

class Timer {
 public:
  void arm(Time at) { kSteadyTime.arm(descriptor_.get(), at); }
  bool rings(std::chrono::milliseconds within) {
    pollfd wanted{.fd = descriptor_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, static_cast<int>(within.count())) == 1;
  }

 private:
  UniqueFd descriptor_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
};

}  // namespace

TEST_CASE("a timer rings for a time that has come, however long ago") {
  for (const Time at :
       {kSteadyTime.now(), Time(1ns), Time(0ns), Time(-1ns), Time(-1h), Time::min()}) {
    CAPTURE(at.time_since_epoch().count());
    Timer timer;
    timer.arm(at);
    CHECK(timer.rings(60s));
  }
}

TEST_CASE("a timer does not ring for a time to come, nor for never") {
  for (const Time at : {kSteadyTime.now() + 24h, Time::max() - 1ns, Time::max()}) {
    CAPTURE(at.time_since_epoch().count());
    Timer timer;
    timer.arm(Time(1ns));
    REQUIRE(timer.rings(60s));
    timer.arm(at);
    CHECK_FALSE(timer.rings(0ms));
  }
}
