#include "lending/lending_desk.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "support/desk.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

struct Fixture {
  ManualClock clock;
  DeskOwner desk = make_desk(2, clock, 4);

  LendingDesk::Taken take_all() {
    auto first = take(*desk);
    const auto second = take(*desk);
    REQUIRE(first.client != kNoClient);
    REQUIRE(second.client != kNoClient);
    REQUIRE(first.client != second.client);
    return first;
  }
  void expect_counts(unsigned idle, unsigned leased, unsigned urgent, unsigned normal) const {
    const auto counts = desk->counts();
    CHECK(counts.idle == idle);
    CHECK(counts.leased == leased);
    CHECK(counts.waiting_urgent == urgent);
    CHECK(counts.waiting_normal == normal);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "every client is given out once, then try_take is refused at once") {
  take_all();
  const auto none = desk->try_take();
  CHECK(none.client == kNoClient);
  CHECK(none.refusal.reason == RefusalReason::none_idle);
  CHECK(none.refusal.size == 2);
  CHECK(none.refusal.leased == 2);
  CHECK(none.refusal.idle == 0);
  CHECK_FALSE(none.is_guest);
  expect_counts(0, 2, 0, 0);
  give_back(desk.get(), 0);
  expect_counts(1, 1, 0, 0);
  give_back(desk.get(), 1);
  expect_counts(2, 0, 0, 0);
}

TEST_CASE_FIXTURE(Fixture, "a thread gets the client back that it used last") {
  const auto first = take(*desk).client;
  const auto second = take(*desk).client;
  give_back(desk.get(), first);
  give_back(desk.get(), second);
  // The last one taken from the queue is remembered, although the other was returned before it.
  for (int i = 0; i < 10; ++i) {
    const auto again = take(*desk).client;
    CHECK(again == second);
    give_back(desk.get(), again);
  }
}

TEST_CASE_FIXTURE(Fixture, "a client that is claimed past its queue entry is not given out twice") {
  std::set<std::uint32_t> mine;
  for (int round = 0; round < 100; ++round) {
    const auto kept = take(*desk).client;   // from the second round on past its entry
    const auto other = take(*desk).client;  // pops the entry of `kept`, which must be dropped
    CHECK(kept != other);
    CHECK(desk->try_take().client == kNoClient);
    give_back(desk.get(), other);
    give_back(desk.get(), kept);
  }
}

TEST_CASE(
    "a refusal drops a few entries of a large desk, and once it knows that all is leased, none") {
  constexpr std::uint32_t kSize = 1000;
  ManualClock clock;
  const DeskOwner desk = make_desk(kSize, clock, 0);
  // Each is taken past its entry: the thread looks at the client after its last one.
  std::vector<std::uint32_t> mine;
  for (std::uint32_t i = 0; i < kSize; ++i) mine.push_back(take(*desk).client);
  const auto entries = desk->entries_approx();
  REQUIRE(entries > kSize - 10);

  const auto first = desk->try_take();
  REQUIRE(first.client == kNoClient);
  CHECK(first.refusal.leased == kSize);
  CHECK(first.refusal.idle == 0);
  const auto left = desk->entries_approx();
  CHECK(left + 4 >= entries);
  for (int i = 0; i < 10; ++i) {
    CHECK(desk->try_take().client == kNoClient);
    CHECK(take(*desk).refusal.reason == RefusalReason::line_full);
  }
  CHECK(desk->entries_approx() == left);

  // And it knows of each that comes back.
  for (const std::uint32_t client : {mine[700], mine[3]}) {
    give_back(desk.get(), client);
    CHECK(desk->counts().idle == 1);
    CHECK(std::async(std::launch::async, [&] { return desk->try_take().client; }).get() == client);
  }
  CHECK(desk->try_take().client == kNoClient);
  for (const std::uint32_t client : mine) give_back(desk.get(), client);
  CHECK(desk->counts().idle == kSize);
}

TEST_CASE_FIXTURE(Fixture, "waiters are served in the order in which they came") {
  take_all();
  Taker first(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  Taker second(*desk, Lane::normal, kNever);
  clock.await_sleepers(2);
  Taker third(*desk, Lane::normal, kNever);
  clock.await_sleepers(3);
  expect_counts(0, 2, 0, 3);

  give_back(desk.get(), 1);
  CHECK(first.wait().client == 1);
  clock.await_sleepers(2);
  CHECK_FALSE(second.done());
  give_back(desk.get(), 0);
  CHECK(second.wait().client == 0);
  clock.await_sleepers(1);
  CHECK_FALSE(third.done());
  give_back(desk.get(), 1);
  CHECK(third.wait().client == 1);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "an urgent waiter is served before normal ones that came earlier") {
  take_all();
  Taker poll(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  Taker cancel(*desk, Lane::urgent, kNever);
  clock.await_sleepers(2);
  expect_counts(0, 2, 1, 1);
  give_back(desk.get(), 0);
  CHECK(cancel.wait().client == 0);
  clock.await_sleepers(1);
  CHECK_FALSE(poll.done());
  give_back(desk.get(), 0);
  CHECK(poll.wait().client == 0);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a newcomer does not overtake: while somebody waits, nothing is taken") {
  take_all();
  Taker waiter(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  // The newcomer used a client last that will be free; still it gets none past the line.
  CHECK(desk->take_idle() == kNoClient);
  CHECK(desk->try_take().refusal.waiting == 1);
  give_back(desk.get(), 0);
  CHECK(waiter.wait().client == 0);
  CHECK(desk->try_take().client == kNoClient);
  give_back(desk.get(), 0);
  CHECK(desk->try_take().client == 0);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a waiter that times out leaves its turn to the next") {
  take_all();
  Taker hasty(*desk, Lane::normal, clock.now() + 10ms);
  clock.await_sleepers(1);
  Taker patient(*desk, Lane::normal, kNever);
  clock.await_sleepers(2);
  clock.advance(11ms);
  const auto& refused = hasty.wait();
  CHECK(refused.client == kNoClient);
  CHECK(refused.refusal.reason == RefusalReason::timed_out);
  CHECK(refused.refusal.waited == 11ms);
  CHECK(refused.refusal.waiting == 1);
  clock.await_sleepers(1);
  give_back(desk.get(), 0);
  CHECK(patient.wait().client == 0);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a deadline that is not reached refuses nobody") {
  take_all();
  Taker waiter(*desk, Lane::normal, clock.now() + 10ms);
  clock.await_sleepers(1);
  clock.advance(9ms);
  clock.await_sleepers(1);
  give_back(desk.get(), 1);
  CHECK(waiter.wait().client == 1);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a deadline in the past takes what is idle and waits for nothing") {
  const auto past = clock.now() - 1ms;
  const auto first = take(*desk, Lane::normal, past);
  CHECK(first.client != kNoClient);
  CHECK(desk->stand_in_line({}, past).client != kNoClient);
  const auto none = desk->stand_in_line({}, past);
  CHECK(none.client == kNoClient);
  CHECK(none.refusal.reason == RefusalReason::timed_out);
  CHECK_FALSE(none.is_guest);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a stop request ends the wait and leaves the turn to the next") {
  take_all();
  Taker stopped(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  Taker next(*desk, Lane::normal, kNever);
  clock.await_sleepers(2);
  stopped.request_stop();
  CHECK(stopped.wait().refusal.reason == RefusalReason::stopped);
  give_back(desk.get(), 0);
  CHECK(next.wait().client == 0);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "who is stopped already does not join the line") {
  take_all();
  std::stop_source source;
  source.request_stop();
  const auto token = source.get_token();
  const auto none = desk->stand_in_line({.stop = token}, kNever);
  CHECK(none.refusal.reason == RefusalReason::stopped);
  CHECK_FALSE(none.is_guest);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE_FIXTURE(Fixture, "a full line refuses at once, and the urgent lane has its own room") {
  take_all();
  std::vector<std::unique_ptr<Taker>> waiters;
  for (std::size_t i = 1; i <= 4; ++i) {
    waiters.push_back(std::make_unique<Taker>(*desk, Lane::normal, kNever));
    clock.await_sleepers(i);
  }
  const auto none = desk->stand_in_line({}, kNever);
  CHECK(none.refusal.reason == RefusalReason::line_full);
  CHECK(none.refusal.waiting == 4);
  CHECK(none.refusal.waited == 0ms);
  Taker urgent(*desk, Lane::urgent, kNever);
  clock.await_sleepers(5);
  desk->begin_close();
  for (auto& waiter : waiters) CHECK(waiter->wait().refusal.reason == RefusalReason::closed);
  CHECK(urgent.wait().refusal.reason == RefusalReason::closed);
  give_back(desk.get(), 0);
  give_back(desk.get(), 1);
}

TEST_CASE("with a line for nobody, idle clients are still given out") {
  ManualClock clock;
  const DeskOwner desk = make_desk(1, clock, 0);
  CHECK(desk->stand_in_line({}, kNever).client == 0);
  CHECK(desk->stand_in_line({}, kNever).refusal.reason == RefusalReason::line_full);
  give_back(desk.get(), 0);
  CHECK(take(*desk).client == 0);
  give_back(desk.get(), 0);
}

TEST_CASE("clients that the queue does not hold are found by their state") {
  // Claimed by state, never popped: the entries stay behind, and every round finds all clients.
  ManualClock clock;
  const DeskOwner desk = make_desk(8, clock);
  for (int round = 0; round < 3; ++round) {
    std::set<std::uint32_t> all;
    for (int i = 0; i < 8; ++i) {
      const auto taken = desk->stand_in_line({}, kNever);
      CHECK(all.insert(taken.client).second);
    }
    CHECK(desk->try_take().client == kNoClient);
    for (const auto client : all) give_back(desk.get(), client);
  }
}

TEST_CASE("desks that share a thread's memory of last clients keep apart") {
  ManualClock clock;
  std::vector<DeskOwner> desks;
  for (std::uint32_t i = 0; i < 16; ++i) desks.push_back(make_desk(1 + i % 3, clock));
  for (int round = 0; round < 50; ++round) {
    for (auto& desk : desks) {
      std::vector<std::uint32_t> taken;
      for (std::uint32_t i = 0; i < desk->size(); ++i) taken.push_back(take(*desk).client);
      CHECK(std::set<std::uint32_t>(taken.begin(), taken.end()).size() == desk->size());
      CHECK(desk->try_take().client == kNoClient);
      for (const auto client : taken) give_back(desk.get(), client);
    }
  }
}
