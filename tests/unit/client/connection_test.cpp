// A connection from beside: who interrupts what its client's owner does, and when.
#include "client/connection.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <thread>

#include "client/alarm.hpp"
#include "support/manual_clock.hpp"

using namespace leasehold::detail;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

// A client's connection, on a pair of sockets.
struct Ends {
  Ends() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    own = UniqueFd(ends[0]);
    peer = UniqueFd(ends[1]);
  }
  // Nothing can be read at the own end, and nothing will.
  bool is_cut() const {
    char byte = 0;
    return ::recv(own.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }

  UniqueFd own, peer;
};

}  // namespace

TEST_CASE("an interruption cuts the connection there is, and those made until it is forgotten") {
  ClientHealth health;
  Connection connection(health);
  const Ends now;
  connection.socket_made(now.own.get(), std::nullopt);
  CHECK_FALSE(now.is_cut());
  connection.interrupt(Interruption::stop);
  CHECK(now.is_cut());
  CHECK(connection.interruption() == Interruption::stop);
  const Ends next;
  connection.socket_made(next.own.get(), std::nullopt);
  CHECK(next.is_cut());
  connection.forget_interruption(Interruption::stop);
  CHECK(connection.interruption() == Interruption::none);
  const Ends later;
  connection.socket_made(later.own.get(), std::nullopt);
  CHECK_FALSE(later.is_cut());
}

TEST_CASE("who interrupted first counts, and is forgotten by who it was only") {
  ClientHealth health;
  Connection connection(health);
  connection.interrupt(Interruption::stop);
  connection.interrupt(Interruption::deadline);
  CHECK(connection.interruption() == Interruption::stop);
  connection.forget_interruption(Interruption::deadline);
  CHECK(connection.interruption() == Interruption::stop);
}

TEST_CASE("a connection that was cut off is closed for good, whoever else interrupts") {
  ClientHealth health;
  Connection connection(health);
  connection.interrupt(Interruption::stop);
  connection.cut_off();
  connection.forget_interruption(Interruption::stop);
  CHECK(connection.interruption() == Interruption::closed);
  const Ends ends;
  connection.socket_made(ends.own.get(), std::nullopt);
  CHECK(ends.is_cut());
}

TEST_CASE("an interruption wakes an owner that sleeps, and lets none fall asleep") {
  ClientHealth health;
  Connection connection(health);
  const ManualClock clock;
  WakeSignal signal;
  std::jthread interrupter([&] {
    clock.await_sleepers(1);
    connection.interrupt(Interruption::stop);
  });
  connection.await(signal, kNever, clock);
  CHECK(connection.interruption() == Interruption::stop);
  connection.await(signal, kNever, clock);
}

TEST_CASE("an alarm interrupts when its time has come, and not before") {
  ClientHealth health;
  Connection connection(health);
  const Ends ends;
  connection.socket_made(ends.own.get(), std::nullopt);
  ManualClock clock;
  {
    const Alarm alarm(connection, clock.now() + 2s, clock);
    clock.await_sleepers(1);
    clock.advance(1s);
    clock.await_sleepers(1);
    CHECK(connection.interruption() == Interruption::none);
    CHECK_FALSE(ends.is_cut());
    clock.advance(1s);
    WakeSignal signal;
    connection.await(signal, kNever, kSteadyClock);
    CHECK(connection.interruption() == Interruption::deadline);
    CHECK(ends.is_cut());
  }
  CHECK(connection.interruption() == Interruption::none);
}

TEST_CASE("an alarm that is over before its time leaves the connection") {
  ClientHealth health;
  Connection connection(health);
  const Ends ends;
  connection.socket_made(ends.own.get(), std::nullopt);
  const ManualClock clock;
  { const Alarm alarm(connection, clock.now() + 1s, clock); }
  { const Alarm never(connection, kNever, clock); }
  CHECK(connection.interruption() == Interruption::none);
  CHECK_FALSE(ends.is_cut());
}
