#include "lending/waiter_line.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using leasehold::Lane;
using leasehold::detail::Waiter;
using leasehold::detail::WaiterLine;
using leasehold::detail::WakeList;
using leasehold::detail::WakeSignal;

TEST_CASE("waiters leave the line in the order in which they joined it") {
  WaiterLine line(8);
  Waiter a, b, c;
  for (Waiter* waiter : {&a, &b, &c}) CHECK(line.join(*waiter));
  CHECK(&line.pop() == &a);
  CHECK(&line.pop() == &b);
  CHECK(&line.pop() == &c);
  CHECK(line.empty());
}

TEST_CASE("urgent waiters go before normal ones, each lane in its own order") {
  WaiterLine line(8);
  Waiter poll1, poll2, cancel1(Lane::urgent), cancel2(Lane::urgent);
  for (Waiter* waiter : {&poll1, &cancel1, &poll2, &cancel2}) CHECK(line.join(*waiter));
  CHECK(line.size(Lane::urgent) == 2);
  CHECK(line.size(Lane::normal) == 2);
  for (Waiter* expected : {&cancel1, &cancel2, &poll1, &poll2}) CHECK(&line.pop() == expected);
}

TEST_CASE("a full lane refuses, and the other lane still has room") {
  WaiterLine line(2);
  Waiter a, b, c, urgent(Lane::urgent);
  CHECK(line.join(a));
  CHECK(line.join(b));
  CHECK_FALSE(line.join(c));
  CHECK_FALSE(c.in_line);
  CHECK(line.join(urgent));
  CHECK(line.size() == 3);
  line.leave(a);
  CHECK(line.join(c));
}

TEST_CASE("a line for nobody refuses everybody") {
  WaiterLine line(0);
  Waiter a;
  CHECK_FALSE(line.join(a));
  CHECK(line.empty());
}

TEST_CASE("a waiter may leave from the front, the middle and the end") {
  for (const int leaver : {0, 1, 2}) {
    CAPTURE(leaver);
    WaiterLine line(8);
    Waiter waiters[3];
    for (Waiter& waiter : waiters) CHECK(line.join(waiter));
    line.leave(waiters[leaver]);
    CHECK_FALSE(waiters[leaver].in_line);
    for (int i = 0; i < 3; ++i) {
      if (i != leaver) CHECK(&line.pop() == &waiters[i]);
    }
    CHECK(line.empty());
    Waiter next;
    CHECK(line.join(next));
    CHECK(&line.pop() == &next);
  }
}

TEST_CASE("waking a list touches no waiter after its signal") {
  // Each waiter is destroyed as soon as it is woken; a sanitizer sees a later access.
  WakeList woken;
  std::vector<std::thread> sleepers;
  std::vector<Waiter*> waiters(16);
  std::vector<WakeSignal> ready(16);
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    sleepers.emplace_back([&, i] {
      auto* const self = new Waiter;
      waiters[i] = self;
      ready[i].set();
      self->signal.wait_set();
      delete self;
    });
  }
  for (auto& signal : ready) signal.wait_set();
  for (Waiter* waiter : waiters) woken.add(*waiter);
  woken.wake_all();
  for (auto& sleeper : sleepers) sleeper.join();
}
