// Everything at once: many threads take and give back with timeouts, stop requests, both lanes and
// a close among them. After each storm every client must be where it belongs.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "lending/lending_desk.hpp"
#include "support/desk.hpp"
#include "support/sanitizer.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

struct Tally {
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> doubled{0};  // clients in two hands
  std::array<std::atomic<std::uint64_t>, 7> refused{};
};

constexpr auto kLongest = 3s;

struct Storm {
  std::uint32_t clients;
  int threads;
  int operations;  // of each thread, if the machine gets to them in time

  // Until all operations are done, or the desk is closed, or it has been long enough.
  void thread(LendingDesk& desk, std::vector<std::atomic<bool>>& in_hand,
              std::vector<std::uint64_t>& uses, Tally& tally, unsigned seed) const {
    const auto long_enough = detail::kSteadyClock.now() + kLongest;
    std::minstd_rand random(seed);
    std::stop_source stop;
    for (int i = 0; i < operations && detail::kSteadyClock.now() < long_enough; ++i) {
      const auto dice = random() % 100;
      if (stop.stop_requested()) stop = {};
      const auto token = stop.get_token();
      const Lane lane = dice % 5 == 0 ? Lane::urgent : Lane::normal;
      const auto deadline =
          dice < 60 ? kNever : detail::kSteadyClock.now() + std::chrono::microseconds(dice);
      std::jthread stopper;
      LendingDesk::Taken taken;
      if (dice < 20) {
        taken = desk.try_take();
      } else if (dice == 99 && i % 16 == 0) {
        stopper = std::jthread([&stop] { stop.request_stop(); });
        taken = take(desk, lane, deadline, token);
      } else {
        taken = take(desk, lane, deadline, token);
      }
      if (taken.is_guest) REQUIRE(desk.leave() == LendingDesk::Last::no);
      if (taken.client == kNoClient) {
        ++tally.refused[static_cast<std::size_t>(taken.refusal.reason)];
        if (taken.refusal.reason == RefusalReason::closed) return;
        continue;
      }
      ++tally.taken;
      // Relaxed, and a plain counter: nothing but the desk orders one owner before the next.
      if (in_hand[taken.client].exchange(true, std::memory_order_relaxed)) ++tally.doubled;
      ++uses[taken.client];
      if (dice % 3 == 0) std::this_thread::yield();
      in_hand[taken.client].store(false, std::memory_order_relaxed);
      REQUIRE(desk.give_back(taken.client) == LendingDesk::Last::no);
    }
  }

  void run(bool close_it) const {
    const DeskOwner desk = make_desk(clients, detail::kSteadyClock, 4);
    std::vector<std::atomic<bool>> in_hand(clients);
    std::vector<std::uint64_t> uses(clients);
    Tally tally;
    std::atomic<int> done{0};
    {
      std::vector<std::jthread> all;
      for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
          thread(*desk, in_hand, uses, tally, static_cast<unsigned>(t) * 7919U + clients);
          ++done;
        });
      }
      if (close_it) {
        // In the middle, or at the end if the threads are quicker than this one.
        while (tally.taken < static_cast<std::uint64_t>(operations) && done < threads) {
          std::this_thread::yield();
        }
        desk->begin_close();
        CHECK(desk->await_collected(kNever));
      }
    }
    CHECK(tally.doubled == 0);
    CHECK(std::accumulate(uses.begin(), uses.end(), std::uint64_t{0}) == tally.taken.load());
    const auto counts = desk->counts();
    CHECK(counts.idle == clients);
    CHECK(counts.leased == 0);
    CHECK(counts.waiting_normal + counts.waiting_urgent == 0);
    if (close_it) return;
    // Not only counted: all of them can be had, once each.
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < clients; ++i) all.push_back(desk->try_take().client);
    CHECK(desk->try_take().client == kNoClient);
    std::ranges::sort(all);
    for (std::uint32_t i = 0; i < clients; ++i) {
      CHECK(all[i] == i);
      give_back(desk.get(), i);
    }
    MESSAGE("clients " << clients << ", threads " << threads << ": taken " << tally.taken.load()
                       << ", timed out "
                       << tally.refused[static_cast<std::size_t>(RefusalReason::timed_out)].load()
                       << ", line full "
                       << tally.refused[static_cast<std::size_t>(RefusalReason::line_full)].load()
                       << ", stopped "
                       << tally.refused[static_cast<std::size_t>(RefusalReason::stopped)].load());
  }
};

constexpr int kOperations = kSanitized ? 5'000 : 100'000;

}  // namespace

TEST_CASE("after a storm of operations every client is idle, and was never in two hands") {
  Storm{.clients = 1, .threads = 4, .operations = kOperations}.run(false);
  Storm{.clients = 2, .threads = 3, .operations = kOperations}.run(false);
  Storm{.clients = 4, .threads = 4, .operations = kOperations}.run(false);
  Storm{.clients = 7, .threads = 16, .operations = kOperations}.run(false);
  Storm{.clients = 64, .threads = 8, .operations = kOperations}.run(false);
}

TEST_CASE("a close in the middle of it all refuses everybody and collects every client") {
  const auto long_enough = detail::kSteadyClock.now() + 2 * kLongest;
  for (int round = 0; round < (kSanitized ? 10 : 50); ++round) {
    if (round > 0 && detail::kSteadyClock.now() > long_enough) break;
    Storm{.clients = 3, .threads = 6, .operations = 1'000}.run(true);
  }
}
