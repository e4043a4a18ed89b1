// Which thread has which seat, whoever ends first.
#include "lending/seating.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "support/manual_clock.hpp"
#include "support/sanitizer.hpp"

using namespace leasehold;
using leasehold::detail::kNever;
using leasehold::detail::kSeatingsGuessed;
using leasehold::detail::kSteadyClock;
using leasehold::detail::Seating;
using leasehold::test::kSanitized;
using leasehold::test::ManualClock;
using Last = leasehold::detail::Seating::Last;

namespace {

// A seating as its source owns it, which ends with this.
class Source {
 public:
  explicit Source(std::uint32_t seats) : seating_(std::make_shared<Seating>(seats, kSteadyClock)) {}
  ~Source() {
    if (seating_ == nullptr) return;
    seating_->begin_close();
    static_cast<void>(seating_->retire());
  }
  Source(Source&&) = default;
  Source& operator=(Source&&) = delete;

  Seating* operator->() const { return seating_.get(); }
  std::weak_ptr<Seating> watch() const { return seating_; }

  // As a source takes: by the guess first.
  Seating::Taken take() const {
    if (const auto seat = seating_->take_mine(); seat != Seating::kNoSeat) return {.seat = seat};
    return Seating::take_seat(seating_);
  }
  // Takes and gives back: the number of the seat.
  std::uint32_t visit() const {
    const auto taken = take();
    REQUIRE(taken.seat != Seating::kNoSeat);
    CHECK(seating_->give_back(taken.seat) == Last::no);
    return taken.seat;
  }

 private:
  std::shared_ptr<Seating> seating_;
};

template <class Body>
void in_thread(Body body) {
  std::jthread(body).join();
}

// Acquires when its thread's thread-local objects are destroyed, those of the library before it.
struct LateVisitor {
  const Source* source = nullptr;
  std::array<std::uint32_t, 3> seats{};
  std::array<std::uint32_t, 3>* seen = nullptr;

  ~LateVisitor() {
    if (source == nullptr) return;
    const auto first = source->take();
    const auto second = source->take();
    *seen = {first.seat, second.seat, (*source)->taken()};
    static_cast<void>((*source)->give_back(first.seat));
    static_cast<void>((*source)->give_back(second.seat));
  }
};
thread_local LateVisitor late_visitor;

}  // namespace

TEST_CASE("a thread gets the same seat each time, and no other thread does") {
  const Source source(3);
  CHECK(source->taken() == 0);
  const auto mine = source.visit();
  in_thread([&] {
    const auto others = source.visit();
    CHECK(others != mine);
    CHECK(source.visit() == others);
    CHECK(source->taken() == 2);
  });
  for (int i = 0; i < 10; ++i) CHECK(source.visit() == mine);
  CHECK(source->taken() == 1);
}

TEST_CASE("a thread whose lease is out is refused another") {
  const Source source(2);
  const auto lease = source.take();
  CHECK(source->leased() == 1);
  const auto second = source.take();
  CHECK(second.seat == Seating::kNoSeat);
  CHECK(second.refused == RefusalReason::already_leased);
  CHECK(source->give_back(lease.seat) == Last::no);
  CHECK(source->leased() == 0);
  CHECK(source.visit() == lease.seat);
}

TEST_CASE("one thread more than there are seats is refused, until one of them ends") {
  const Source source(1);
  std::latch seated(1);
  std::latch refused(1);
  std::jthread first([&] {
    source.visit();
    seated.count_down();
    refused.wait();
  });
  seated.wait();
  CHECK(source.take().refused == RefusalReason::too_many_threads);
  refused.count_down();
  first.join();
  CHECK(source.visit() == 0);
}

TEST_CASE("the next new thread gets the seat that was vacated last, and a fresh one only then") {
  const Source source(4);
  std::latch all_seated(3);
  std::array<std::latch, 3> may_end{std::latch(1), std::latch(1), std::latch(1)};
  std::array<std::uint32_t, 3> seats{};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      seats[i] = source.visit();
      all_seated.arrive_and_wait();
      may_end[i].wait();
    });
  }
  for (const std::size_t i : {0U, 2U, 1U}) {
    may_end[i].count_down();
    threads[i].join();
  }
  CHECK(source->taken() == 0);
  CHECK(source.visit() == seats[1]);
  in_thread([&] {
    CHECK(source.visit() == seats[2]);
    in_thread([&] {
      CHECK(source.visit() == seats[0]);
      in_thread([&] { CHECK(source.visit() == 3); });
    });
  });
}

TEST_CASE("what another thread gives back is the thread's own again") {
  const Source source(1);
  const auto lease = source.take();
  in_thread([&] { CHECK(source->give_back(lease.seat) == Last::no); });
  CHECK(source.visit() == lease.seat);
}

TEST_CASE("the seat of a thread that ends before its lease is vacated when that ends") {
  const Source source(1);
  Seating::Taken lease;
  in_thread([&] { lease = source.take(); });
  CHECK(source->taken() == 1);
  CHECK(source->leased() == 1);
  CHECK(source.take().refused == RefusalReason::too_many_threads);
  CHECK(source->give_back(lease.seat) == Last::no);
  CHECK(source->taken() == 0);
  CHECK(source.visit() == lease.seat);
}

TEST_CASE("a thread finds its seats at more seatings than it can guess") {
  std::vector<Source> sources;
  for (std::size_t i = 0; i < 3 * kSeatingsGuessed; ++i) {
    sources.emplace_back(2);
    // Another thread is first at every other one, so that the numbers differ.
    if (i % 2 == 0) {
      const auto held = sources.back().take();
      in_thread([&] {
        for (const Source& source : sources) source.visit();
      });
      CHECK(sources.back()->give_back(held.seat) == Last::no);
    }
  }
  std::vector<std::uint32_t> seats;
  for (const Source& source : sources) seats.push_back(source.visit());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < sources.size(); ++i) CHECK(sources[i].visit() == seats[i]);
  }
  for (const Source& source : sources) CHECK(source->taken() == 1);
}

TEST_CASE("a thread outlives its sources, and forgets them when it next takes a seat elsewhere") {
  in_thread([] {
    std::vector<std::weak_ptr<Seating>> gone;
    for (int i = 0; i < 100; ++i) {
      const Source source(1);
      CHECK(source.visit() == 0);
      gone.push_back(source.watch());
    }
    const Source last(1);
    CHECK(last.visit() == 0);
    for (const auto& one : gone) CHECK(one.expired());
  });
}

TEST_CASE("a thread may end after its source, and is told nothing") {
  std::latch seated(1);
  std::latch gone(1);
  std::weak_ptr<Seating> seating;
  std::jthread thread;
  {
    const Source source(1);
    seating = source.watch();
    thread = std::jthread([&] {
      source.visit();
      seated.count_down();
      gone.wait();
    });
    seated.wait();
  }
  CHECK_FALSE(seating.expired());
  gone.count_down();
  thread.join();
  CHECK(seating.expired());
}

TEST_CASE("a thread whose thread-local objects are being destroyed gets a seat for each lease") {
  const Source source(3);
  std::array<std::uint32_t, 3> seen{};
  in_thread([&] {
    late_visitor.source = &source;  // made before the library's own, destroyed after it
    late_visitor.seen = &seen;
    source.visit();
  });
  CHECK(seen[0] != seen[1]);
  CHECK(seen[2] == 2);
  CHECK(source->taken() == 0);
}

TEST_CASE("closing refuses who comes, and waits for the leases that are out") {
  const Source source(3);
  source.visit();
  Seating::Taken quick, slow;
  in_thread([&] { quick = source.take(); });
  in_thread([&] { slow = source.take(); });
  CHECK(source->begin_close() == 2);
  CHECK(source.take().refused == RefusalReason::closed);
  in_thread([&] { CHECK(source.take().refused == RefusalReason::closed); });
  CHECK_FALSE(source->await_leases({}));
  std::jthread closer([&] { CHECK(source->await_leases(kNever)); });
  CHECK(source->give_back(quick.seat) == Last::no);
  CHECK(source->give_back(slow.seat) == Last::no);
  closer.join();
  CHECK(source->begin_close() == 0);
  CHECK(source->await_leases({}));
}

TEST_CASE("who waits for leases gives up when its time is over, and not before") {
  ManualClock clock;
  auto seating = std::make_shared<Seating>(1, clock);
  const auto mine = Seating::take_seat(seating);
  seating->begin_close();
  const auto by = clock.now() + std::chrono::seconds(1);
  std::jthread closer([&] { CHECK_FALSE(seating->await_leases(by)); });
  clock.await_sleepers(1);
  clock.advance(std::chrono::milliseconds(999));
  clock.await_sleepers(1);
  clock.advance(std::chrono::milliseconds(1));
  closer.join();
  CHECK(seating->give_back(mine.seat) == Last::no);
  CHECK(seating->await_leases({}));
  CHECK(seating->retire() == Last::yes);
}

TEST_CASE(
    "of each client that is given back to a closed source, and of no other, its owner hears") {
  struct Ends final : detail::ClientEnd {
    void at_end(std::uint32_t client) noexcept override { clients.push_back(client); }
    std::vector<std::uint32_t> clients;
  } ends;
  auto seating = std::make_shared<Seating>(3, kSteadyClock, &ends);
  Seating::Taken orphan, slow;
  in_thread([&] { orphan = Seating::take_seat(seating); });
  CHECK(seating->give_back(orphan.seat) == Last::no);  // watched, because its thread has ended
  in_thread([&] { slow = Seating::take_seat(seating); });
  CHECK(ends.clients.empty());
  seating->begin_close();
  CHECK(ends.clients.empty());
  CHECK(seating->retire() == Last::no);
  CHECK(seating->give_back(slow.seat) == Last::yes);
  CHECK(ends.clients == std::vector<std::uint32_t>{slow.seat});
}

TEST_CASE("a guest keeps what is shared when the source ends, and is the last to leave") {
  auto seating = std::make_shared<Seating>(1, kSteadyClock);
  const auto mine = Seating::take_seat(seating);
  seating->enter();
  seating->begin_close();
  CHECK(seating->retire() == Last::no);
  CHECK(seating->give_back(mine.seat) == Last::no);
  CHECK(seating->leave() == Last::yes);
}

TEST_CASE("whoever gives back last after the source's end is told so, and nobody else") {
  auto seating = std::make_shared<Seating>(2, kSteadyClock);
  const Seating::Taken mine = Seating::take_seat(seating);
  Seating::Taken others;
  in_thread([&] { others = Seating::take_seat(seating); });
  CHECK(seating->begin_close() == 2);
  CHECK(seating->retire() == Last::no);
  CHECK(seating->give_back(mine.seat) == Last::no);
  CHECK(seating->give_back(others.seat) == Last::yes);
}

TEST_CASE("the source's end is the last if no lease is out") {
  auto seating = std::make_shared<Seating>(1, kSteadyClock);
  const Seating::Taken mine = Seating::take_seat(seating);
  CHECK(seating->give_back(mine.seat) == Last::no);
  CHECK(seating->begin_close() == 0);
  CHECK(seating->retire() == Last::yes);
}

TEST_CASE(
    "however threads come and go and hand leases over, a seat is with one, and none is lost") {
  constexpr std::uint32_t kSeats = 4;
  constexpr int kGenerations = kSanitized ? 20 : 60;
  const Source source(kSeats);
  std::array<std::atomic<int>, kSeats> users{};
  std::atomic<int> shared{0};
  std::atomic<int> leases{0};
  const auto use = [&](std::uint32_t seat) {
    if (users[seat].fetch_add(1) != 0) ++shared;
    std::this_thread::yield();
    users[seat].fetch_sub(1);
    ++leases;
  };
  std::vector<std::jthread> lines;
  for (std::uint32_t line = 0; line < 2 * kSeats; ++line) {
    lines.emplace_back([&, line] {
      for (int generation = 0; generation < kGenerations; ++generation) {
        Seating::Taken last;
        in_thread([&] {
          for (int i = 0; i < 20; ++i) {
            const auto taken = source.take();
            if (taken.seat == Seating::kNoSeat) {
              if (taken.refused != RefusalReason::too_many_threads) ++shared;
              std::this_thread::yield();
              continue;
            }
            use(taken.seat);
            if (i == 19 && (static_cast<std::uint32_t>(generation) + line) % 3 == 0) {
              last = taken;  // outlives the thread
              return;
            }
            static_cast<void>(source->give_back(taken.seat));
          }
        });
        if (last.seat == Seating::kNoSeat) continue;
        use(last.seat);
        static_cast<void>(source->give_back(last.seat));
      }
    });
  }
  lines.clear();
  CHECK(shared == 0);
  CHECK(leases > 0);
  CHECK(source->leased() == 0);
  CHECK(source->taken() == 0);
}

TEST_CASE("sources that end among threads that end leave nothing behind") {
  for (int round = 0; round < 200; ++round) {
    auto seating = std::make_shared<Seating>(2, kSteadyClock);
    const std::weak_ptr<Seating> left = seating;
    std::atomic<int> last{0};
    std::latch holding(2);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, &shared = *seating, i] {
        Seating::Taken lease = Seating::take_seat(seating);
        if (i == 0)
          static_cast<void>(shared.give_back(std::exchange(lease.seat, Seating::kNoSeat)));
        holding.count_down();
        if (lease.seat != Seating::kNoSeat && shared.give_back(lease.seat) == Last::yes) ++last;
      });
    }
    holding.wait();
    seating->begin_close();
    if (seating->retire() == Last::yes) ++last;
    threads.clear();
    CHECK(last == 1);
    seating.reset();
    CHECK(left.expired());
  }
}
