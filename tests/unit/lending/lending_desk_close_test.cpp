#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "lending/lending_desk.hpp"
#include "support/desk.hpp"

using namespace leasehold;
using namespace leasehold::test;

TEST_CASE("a closed desk refuses everybody, for good") {
  ManualClock clock;
  const DeskOwner desk = make_desk(2, clock);
  CHECK_FALSE(desk->closed());
  CHECK(desk->begin_close() == 0);
  CHECK(desk->closed());
  CHECK(desk->take_idle() == kNoClient);
  CHECK(desk->try_take().refusal.reason == RefusalReason::closed);
  const auto none = desk->stand_in_line({.lane = Lane::urgent}, kNever);
  CHECK(none.refusal.reason == RefusalReason::closed);
  CHECK_FALSE(none.is_guest);
  CHECK(desk->begin_close() == 0);
  CHECK(desk->await_collected(clock.now()));
}

TEST_CASE("closing wakes every waiter, in both lanes, and serves none") {
  ManualClock clock;
  const DeskOwner desk = make_desk(1, clock);
  CHECK(take(*desk).client == 0);
  std::vector<std::unique_ptr<Taker>> waiters;
  for (std::size_t i = 1; i <= 20; ++i) {
    waiters.push_back(
        std::make_unique<Taker>(*desk, i % 2 == 0 ? Lane::urgent : Lane::normal, kNever));
    clock.await_sleepers(i);
  }
  CHECK(desk->begin_close() == 1);
  for (auto& waiter : waiters) CHECK(waiter->wait().refusal.reason == RefusalReason::closed);
  const auto counts = desk->counts();
  CHECK(counts.waiting_normal == 0);
  CHECK(counts.waiting_urgent == 0);
  CHECK(counts.leased == 1);
  give_back(desk.get(), 0);
}

TEST_CASE("closing waits for the last lease and not longer") {
  ManualClock clock;
  const DeskOwner desk = make_desk(3, clock);
  const auto a = take(*desk).client;
  const auto b = take(*desk).client;
  CHECK(desk->begin_close() == 2);
  std::atomic<bool> collected{false};
  std::jthread closer([&] { collected = desk->await_collected(kNever); });
  clock.await_sleepers(1);
  give_back(desk.get(), a);
  clock.await_sleepers(1);
  CHECK_FALSE(collected.load());
  give_back(desk.get(), b);
  closer.join();
  CHECK(collected.load());
}

TEST_CASE("closing ends at its deadline, each closer at its own") {
  ManualClock clock;
  const DeskOwner desk = make_desk(1, clock);
  CHECK(take(*desk).client == 0);
  desk->begin_close();
  bool first = true;
  bool second = false;
  {
    std::jthread hasty([&] { first = desk->await_collected(clock.now() + 1s); });
    clock.await_sleepers(1);
    std::jthread patient([&] { second = desk->await_collected(kNever); });
    clock.await_sleepers(2);
    clock.advance(2s);
    hasty.join();
    CHECK_FALSE(first);
    clock.await_sleepers(1);
    give_back(desk.get(), 0);
  }
  CHECK(second);
}

TEST_CASE("a desk is freed by its last lease if that outlives its owner") {
  // Freed too early or not at all: the sanitizers say so.
  ManualClock clock;
  DeskOwner owner = make_desk(3, clock);
  LendingDesk* const desk = owner.get();
  const auto a = take(*desk).client;
  const auto b = take(*desk).client;
  owner.reset();
  CHECK(desk->give_back(a) == LendingDesk::Last::no);
  CHECK(desk->give_back(b) == LendingDesk::Last::yes);
  delete desk;
}

TEST_CASE("a desk without leases is freed by its owner") {
  ManualClock clock;
  auto* const desk = new LendingDesk(3, 8, clock);
  desk->begin_close();
  CHECK(desk->retire() == LendingDesk::Last::yes);
  delete desk;
}

TEST_CASE("waiters may still be leaving while the desk's owner has gone") {
  ManualClock clock;
  for (int round = 0; round < 200; ++round) {
    DeskOwner owner = make_desk(1, clock);
    LendingDesk* const desk = owner.get();
    const auto client = take(*desk).client;
    Taker first(*desk, Lane::normal, kNever);
    Taker second(*desk, Lane::urgent, kNever);
    clock.await_sleepers(2);
    std::jthread releaser([&] { give_back(desk, client); });
    owner.reset();  // while one waiter may just be getting the client
    for (Taker* const waiter : {&first, &second}) {
      const auto& taken = waiter->wait();
      if (taken.client != kNoClient) {
        give_back(desk, taken.client);
      } else {
        CHECK(taken.refusal.reason == RefusalReason::closed);
      }
    }
  }
}

namespace {

struct Told final : leasehold::detail::ClientEnd {
  void at_end(std::uint32_t client) noexcept override { clients.push_back(client); }
  std::vector<std::uint32_t> clients;
};

}  // namespace

TEST_CASE("a closed desk tells of each client that is given back, and of no other") {
  ManualClock clock;
  Told told;
  const DeskOwner desk(new LendingDesk(4, 8, clock, &told));
  const auto a = take(*desk).client;
  const auto b = take(*desk).client;
  const auto c = take(*desk).client;
  give_back(desk.get(), a);
  CHECK(desk->begin_close() == 2);
  CHECK(told.clients.empty());
  give_back(desk.get(), c);
  CHECK(told.clients == std::vector{c});
  give_back(desk.get(), b);
  CHECK(told.clients == std::vector{c, b});
}
