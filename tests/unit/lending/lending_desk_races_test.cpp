// The windows between two steps of the protocol, forced open: each test holds a thread at a marked
// point and lets another one do its worst. Compiled with a desk of its own that has the points.
#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "lending/lending_desk.hpp"
#include "support/desk.hpp"
#include "support/gates.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

// Runs `work` in a thread that the gates know as `name`.
template <class Work>
auto as(std::string name, Work work) {
  return std::async(std::launch::async, [name = std::move(name), work]() mutable {
    const Gates::Here here(std::move(name));
    return work();
  });
}

// A thread that has used no client, so that it finds one only through the queue.
std::uint32_t take_as_stranger(LendingDesk& desk) {
  return std::async(std::launch::async, [&] { return desk.take_idle(); }).get();
}

// How often a thread of this process has gone to sleep by itself (yielding is not sleeping).
std::uint64_t sleeps(pid_t thread) {
  std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
  const std::string label = "voluntary_ctxt_switches:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(label)) return std::stoull(line.substr(label.size()));
  }
  FAIL("no such thread");
  return 0;
}

struct Fixture {
  Gates gates;
  ManualClock clock;
  DeskOwner desk = make_desk(1, clock);

  std::future<LendingDesk::Last> release(const std::string& name, std::uint32_t client = 0) {
    return as(name, [this, client] { return desk->give_back(client); });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a waiter that joins before the client is free is served by its releaser") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "before freeing");
  auto releaser = release("releaser");
  gates.await("releaser", "before freeing");  // it saw that nobody waits
  Taker waiter(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  gates.open("releaser", "before freeing");
  CHECK(waiter.wait().client == 0);
  CHECK(releaser.get() == LendingDesk::Last::no);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "a waiter that joins after the client is free serves itself") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "freed");
  auto releaser = release("releaser");
  gates.await("releaser", "freed");
  Taker waiter(*desk, Lane::normal, kNever);
  CHECK(waiter.wait().client == 0);
  gates.open("releaser", "freed");
  releaser.get();
  CHECK(desk->counts().leased == 1);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a client given back just before a thread joins the line is found by it") {
  CHECK(take(*desk).client == 0);
  gates.hold("newcomer", "before joining");
  auto newcomer = as("newcomer", [this] { return take(*desk).client; });
  gates.await("newcomer", "before joining");
  give_back(desk.get(), 0);
  gates.open("newcomer", "before joining");
  CHECK(newcomer.get() == 0);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "a client given back while a thread is joining is not lost to it") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "before freeing");
  auto releaser = release("releaser");
  gates.await("releaser", "before freeing");
  gates.hold("newcomer", "joined");  // under the lock, before it looks at the clients
  auto newcomer = as("newcomer", [this] { return take(*desk).client; });
  gates.await("newcomer", "joined");
  gates.hold("releaser", "before looking at the gate");
  gates.open("releaser", "before freeing");
  gates.await("releaser", "before looking at the gate");
  gates.open("releaser", "before looking at the gate");  // waits for the lock now, or soon
  gates.open("newcomer", "joined");
  CHECK(newcomer.get() == 0);
  releaser.get();
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "an entry dropped while its client was owned is put back by the releaser") {
  // The owner has its client past the queue entry.
  CHECK(take(*desk).client == 0);
  give_back(desk.get(), 0);
  CHECK(take(*desk).client == 0);
  give_back(desk.get(), 0);
  gates.hold("owner", "before freeing");
  auto owner = as("owner", [this] {
    const auto client = take(*desk).client;  // pops the entry
    give_back(desk.get(), client);           // queues it; held here
    return client;
  });
  gates.await("owner", "before freeing");
  CHECK(take_as_stranger(*desk) == kNoClient);  // pops the entry of an owned client and drops it
  gates.open("owner", "before freeing");
  CHECK(owner.get() == 0);
  CHECK(take_as_stranger(*desk) == 0);  // through the queue: the entry is there again
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a client that others used and queued before its releaser looks has one entry") {
  gates.hold("owner", "before freeing");
  gates.hold("owner", "before reclaiming");
  auto owner = as("owner", [this] { give_back(desk.get(), take(*desk).client); });
  gates.await("owner", "before freeing");
  CHECK(take_as_stranger(*desk) == kNoClient);  // drops the entry
  gates.open("owner", "before freeing");
  gates.await("owner", "before reclaiming");  // it has seen that the entry is gone
  CHECK(desk->try_take().client == 0);
  give_back(desk.get(), 0);  // queued again
  CHECK(desk->entries_approx() == 1);
  gates.open("owner", "before reclaiming");
  owner.get();
  CHECK(desk->entries_approx() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a client claimed between free and look keeps exactly one entry") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "freed");
  auto releaser = release("releaser");
  gates.await("releaser", "freed");
  CHECK(take_as_stranger(*desk) == 0);  // entry gone, mark cleared, client claimed
  gates.open("releaser", "freed");
  releaser.get();
  CHECK(desk->counts().leased == 1);
  CHECK(take_as_stranger(*desk) == kNoClient);
  give_back(desk.get(), 0);
  CHECK(take_as_stranger(*desk) == 0);
  CHECK(take_as_stranger(*desk) == kNoClient);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a thread that popped an entry gets the client if its owner frees it meanwhile") {
  for (const char* const point : {"popped", "unmarked"}) {
    CAPTURE(point);
    const auto client = take(*desk).client;
    REQUIRE(client == 0);
    give_back(desk.get(), client);
    REQUIRE(take(*desk).client == 0);  // past the entry, which stays
    gates.hold("popper", point);
    auto popper = as("popper", [this] { return desk->take_idle(); });
    gates.await("popper", point);
    give_back(desk.get(), 0);
    gates.open("popper", point);
    CHECK(popper.get() == 0);
    CHECK(take_as_stranger(*desk) == kNoClient);
    give_back(desk.get(), 0);
    CHECK(take_as_stranger(*desk) == 0);
    give_back(desk.get(), 0);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a client given back while it is being unlisted goes to who unlists it") {
  for (const char* const point : {"before unlisting", "unlisted"}) {
    CAPTURE(point);
    REQUIRE(take(*desk).client == 0);
    gates.hold("looker", point);
    auto looker = as("looker", [this] { return desk->try_take().client; });
    gates.await("looker", point);  // it has seen the client leased
    give_back(desk.get(), 0);
    gates.open("looker", point);
    CHECK(looker.get() == 0);
    give_back(desk.get(), 0);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a client that was unlisted while leased is found by who joins the line") {
  REQUIRE(take(*desk).client == 0);
  CHECK(desk->try_take().client == kNoClient);  // unlists it
  gates.hold("releaser", "freed");
  auto releaser = release("releaser");
  gates.await("releaser", "freed");  // and not listed yet
  Taker waiter(*desk, Lane::normal, kNever);
  clock.await_sleepers(1);
  gates.open("releaser", "freed");
  CHECK(waiter.wait().client == 0);
  releaser.get();
  give_back(desk.get(), 0);
  CHECK(take_as_stranger(*desk) ==
        0);  // listed again: strangers do not look at the queue otherwise
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "a waiter that is served while it gives up takes the client") {
  CHECK(take(*desk).client == 0);
  gates.hold("waiter", "woke unserved");
  auto waiter = as("waiter", [this] { return take(*desk, Lane::normal, clock.now() + 1ms); });
  clock.await_sleepers(1);
  clock.advance(2ms);
  gates.await("waiter", "woke unserved");  // its time is over, and it is still in line
  give_back(desk.get(), 0);
  gates.open("waiter", "woke unserved");
  CHECK(waiter.get().client == 0);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "a waiter that is stopped while it is being served takes the client") {
  CHECK(take(*desk).client == 0);
  std::stop_source stop;
  gates.hold("waiter", "woke unserved");
  auto waiter = as("waiter", [&] {
    const auto token = stop.get_token();
    return take(*desk, Lane::normal, kNever, token);
  });
  clock.await_sleepers(1);
  stop.request_stop();
  gates.await("waiter", "woke unserved");
  give_back(desk.get(), 0);
  gates.open("waiter", "woke unserved");
  CHECK(waiter.get().client == 0);
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "who passed the gate before the desk closed gets nothing after it") {
  CHECK(take(*desk).client == 0);
  give_back(desk.get(), 0);
  gates.hold("newcomer", "gate passed");
  auto newcomer = as("newcomer", [this] { return take(*desk); });
  gates.await("newcomer", "gate passed");
  CHECK(desk->begin_close() == 0);
  gates.open("newcomer", "gate passed");
  CHECK(newcomer.get().refusal.reason == RefusalReason::closed);
}

TEST_CASE_FIXTURE(Fixture,
                  "a client freed while the desk is closing is collected by its releaser") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "before freeing");
  auto releaser = release("releaser");
  gates.await("releaser", "before freeing");  // it saw the desk open
  CHECK(desk->begin_close() == 1);
  auto closer = as("closer", [this] { return desk->await_collected(kNever); });
  clock.await_sleepers(1);
  gates.open("releaser", "before freeing");
  CHECK(closer.get());
  CHECK(releaser.get() == LendingDesk::Last::no);
  CHECK(desk->try_take().refusal.reason == RefusalReason::closed);
}

TEST_CASE_FIXTURE(Fixture, "a waiter whose time is up takes what is free before it goes") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "before freeing");
  gates.hold("releaser", "listed");
  auto releaser = release("releaser");
  gates.await("releaser", "before freeing");
  auto waiter = as("waiter", [this] { return take(*desk, Lane::normal, clock.now() + 1ms); });
  clock.await_sleepers(1);
  gates.open("releaser", "before freeing");
  gates.await("releaser", "listed");  // and nobody was told
  clock.advance(2ms);
  CHECK(waiter.get().client == 0);
  gates.open("releaser", "listed");
  releaser.get();
  give_back(desk.get(), 0);
}

TEST_CASE_FIXTURE(Fixture, "a release that overlaps the end of the desk is the one that ends it") {
  CHECK(take(*desk).client == 0);
  gates.hold("releaser", "before freeing");
  LendingDesk* const raw = desk.get();
  auto releaser = as("releaser", [raw] { return raw->give_back(0); });
  gates.await("releaser", "before freeing");  // it saw the desk open
  CHECK(raw->begin_close() == 1);
  CHECK(raw->retire() == LendingDesk::Last::no);
  static_cast<void>(desk.release());
  gates.open("releaser", "before freeing");
  REQUIRE(releaser.get() == LendingDesk::Last::yes);
  delete raw;
}

TEST_CASE_FIXTURE(Fixture,
                  "the desk is not freed under a release that has not looked at it again") {
  // Two releases of the same client at once: the first held after the free, the second late.
  CHECK(take(*desk).client == 0);
  LendingDesk* const raw = desk.release();
  gates.hold("first", "freed");
  auto first = as("first", [raw] { return raw->give_back(0); });
  gates.await("first", "freed");
  CHECK(raw->take_idle() == 0);
  gates.hold("second", "freed");
  auto second = as("second", [raw] { return raw->give_back(0); });
  gates.await("second", "freed");

  std::atomic<bool> first_opened{false};
  std::atomic<bool> second_opened{false};
  gates.hold("owner", "awaiting tails");
  auto owner = as("owner", [&] {
    raw->begin_close();
    REQUIRE(raw->retire() == LendingDesk::Last::yes);
    CHECK(first_opened.load());
    CHECK(second_opened.load());
    delete raw;
  });
  gates.await("owner", "awaiting tails");
  gates.open("owner", "awaiting tails");
  first_opened = true;
  gates.open("first", "freed");
  CHECK(first.get() == LendingDesk::Last::no);
  second_opened = true;
  gates.open("second", "freed");
  CHECK(second.get() == LendingDesk::Last::no);
  owner.get();
}

TEST_CASE_FIXTURE(Fixture, "who ends the desk leaves its core to the release it waits for") {
  CHECK(take(*desk).client == 0);
  LendingDesk* const raw = desk.release();
  gates.hold("releaser", "freed");
  auto releaser = as("releaser", [raw] { return raw->give_back(0); });
  gates.await("releaser", "freed");
  std::promise<pid_t> thread;
  auto number = thread.get_future();
  gates.hold("owner", "awaiting tails");
  auto owner = as("owner", [&] {
    thread.set_value(gettid());
    raw->begin_close();
    REQUIRE(raw->retire() == LendingDesk::Last::yes);
    delete raw;
  });
  gates.await("owner", "awaiting tails");
  const pid_t waiting = number.get();
  const auto before = sleeps(waiting);
  gates.open("owner", "awaiting tails");
  while (sleeps(waiting) < before + 10) std::this_thread::yield();  // or the test hangs
  gates.open("releaser", "freed");
  CHECK(releaser.get() == LendingDesk::Last::no);
  owner.get();
}
