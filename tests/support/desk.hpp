#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "lending/lending_desk.hpp"
#include "support/manual_clock.hpp"

namespace leasehold::test {

using detail::kNever;
using detail::kNoClient;
using detail::LendingDesk;
using namespace std::chrono_literals;

// As ClientPool acquires: without a wait if it can be had, else in line.
inline LendingDesk::Taken take(LendingDesk& desk, Lane lane = Lane::normal,
                               detail::TimePoint deadline = kNever,
                               const std::stop_token& stop = {}) {
  if (const auto client = desk.take_idle(); client != kNoClient) return {.client = client};
  return desk.stand_in_line({.lane = lane, .stop = stop}, deadline);
}

// Ends a desk as its owner does.
struct Retire {
  void operator()(LendingDesk* desk) const {
    desk->begin_close();
    if (desk->retire() == LendingDesk::Last::yes) delete desk;
  }
};
using DeskOwner = std::unique_ptr<LendingDesk, Retire>;

inline DeskOwner make_desk(std::uint32_t size, const detail::Clock& clock,
                           std::size_t max_waiting = 1024) {
  return DeskOwner(new LendingDesk(size, max_waiting, clock));
}

inline void give_back(LendingDesk* desk, std::uint32_t client) {
  if (desk->give_back(client) == LendingDesk::Last::yes) delete desk;
}

// A thread that takes one client and says what it got; joined by the destructor.
class Taker {
 public:
  template <class... Args>
  explicit Taker(LendingDesk& desk, Args... args)
      : thread_([this, &desk, args...](const std::stop_token& stop) {
          taken_ = test::take(desk, args..., stop);
          if (taken_.is_guest && desk.leave() == LendingDesk::Last::yes) delete &desk;
          done_.store(true, std::memory_order_release);
          done_.notify_all();
        }) {}

  const LendingDesk::Taken& wait() {
    done_.wait(false, std::memory_order_acquire);
    return taken_;
  }
  bool done() const { return done_.load(std::memory_order_acquire); }
  void request_stop() { thread_.request_stop(); }

 private:
  LendingDesk::Taken taken_;
  std::atomic<bool> done_{false};
  std::jthread thread_;
};

}  // namespace leasehold::test
