// The windows between two steps of taking and giving back a seat, forced open. Compiled with a
// seating of its own that has the points.
#include <doctest/doctest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "lending/seating.hpp"
#include "support/gates.hpp"

using namespace leasehold;
using namespace leasehold::test;
using leasehold::detail::kNever;
using leasehold::detail::kSteadyClock;
using leasehold::detail::Seating;
using Last = leasehold::detail::Seating::Last;

namespace {

struct Fixture {
  Gates gates;
  std::shared_ptr<Seating> seating = std::make_shared<Seating>(2, kSteadyClock);

  Seating::Taken take() { return Seating::take_seat(seating); }
  // Runs `work` in a thread that the gates know as `name`; get() returns when it has ended, its
  // seats vacated.
  template <class Work>
  auto as(std::string name, Work work) {
    return std::async(std::launch::async, [name = std::move(name), work]() mutable {
      const Gates::Here here(std::move(name));
      return work();
    });
  }
  // Why a thread that has a seat gets it no more, when it is held at `point` meanwhile.
  std::future<RefusalReason> taker(const std::string& point) {
    gates.hold("taker", point);
    auto refused = std::async(std::launch::async, [this] {
      static_cast<void>(seating->give_back(take().seat));
      const Gates::Here here("taker");
      const Seating::Taken again = take();
      if (again.seat != Seating::kNoSeat) static_cast<void>(seating->give_back(again.seat));
      return again.refused;
    });
    gates.await("taker", point);
    return refused;
  }
  // Gives back a watched lease, and is held when that has ended, and before anybody is told.
  std::future<Last> releaser(std::uint32_t seat) {
    gates.hold("releaser", "watched lease ended");
    auto done = as("releaser", [this, seat] { return seating->give_back(seat); });
    gates.await("releaser", "watched lease ended");
    return done;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "who is about to take its seat when the source closes is refused") {
  auto refused = taker("not leased");
  CHECK(seating->begin_close() == 0);
  CHECK(seating->await_leases(kNever));
  gates.open("taker", "not leased");
  CHECK(refused.get() == RefusalReason::closed);
  CHECK(seating->leased() == 0);
  CHECK(seating->taken() == 0);
}

TEST_CASE_FIXTURE(Fixture, "who has just taken its seat when the source closes is waited for") {
  auto refused = taker("leased");
  CHECK(seating->begin_close() == 1);
  CHECK_FALSE(seating->await_leases({}));
  gates.open("taker", "leased");
  CHECK(refused.get() == RefusalReason::closed);
  CHECK(seating->await_leases(kNever));
  CHECK(seating->taken() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a source that ends while a lease's end is under way leaves it the last") {
  const Seating::Taken lease = take();
  CHECK(seating->begin_close() == 1);
  auto last = releaser(lease.seat);
  CHECK(seating->leased() == 0);
  CHECK_FALSE(seating->await_leases({}));
  CHECK(seating->retire() == Last::no);
  gates.open("releaser", "watched lease ended");
  CHECK(last.get() == Last::yes);
}

TEST_CASE_FIXTURE(Fixture,
                  "a seat whose thread has ended is nobody's until its lease's end is over") {
  const Seating::Taken lease = as("owner", [this] { return take(); }).get();
  auto last = releaser(lease.seat);
  CHECK(seating->taken() == 1);
  const Seating::Taken next = take();
  REQUIRE(next.seat != Seating::kNoSeat);
  CHECK(next.seat != lease.seat);
  gates.open("releaser", "watched lease ended");
  CHECK(last.get() == Last::no);
  CHECK(as("new", [this] { return take(); }).get().seat == lease.seat);
}

TEST_CASE_FIXTURE(Fixture,
                  "a thread that ends while its lease's end is under way vacates its seat once") {
  std::promise<std::uint32_t> taken;
  std::promise<void> may_end;
  auto owner = as("owner", [&] {
    taken.set_value(take().seat);
    may_end.get_future().wait();
  });
  const std::uint32_t seat = taken.get_future().get();
  CHECK(seating->begin_close() == 1);  // so that the lease is watched
  auto last = releaser(seat);
  may_end.set_value();
  owner.get();
  CHECK(seating->taken() == 0);
  gates.open("releaser", "watched lease ended");
  CHECK(last.get() == Last::no);
  CHECK(seating->taken() == 0);
  CHECK(seating->await_leases(kNever));
}
