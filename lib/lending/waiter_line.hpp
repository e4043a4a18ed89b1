#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "leasehold/settings.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

inline constexpr std::uint32_t kNoClient = UINT32_MAX;

// A thread standing in line; lives on that thread's stack.
// Guarded by the line's lock: all but `signal`. Once `signal` is set, `client` is the waiter's own.
struct Waiter {
  explicit Waiter(Lane in_lane = Lane::normal) noexcept : lane(in_lane) {}

  const Lane lane;
  bool in_line = false;
  std::uint32_t client = kNoClient;  // what it was given; kNoClient with the signal set: refused
  WakeSignal signal;
  Waiter* before = nullptr;
  Waiter* behind = nullptr;  // in line; and in a list of those to wake, after leaving it
};

// The threads that wait for a client: first come, first served within a lane, urgent before normal.
//
// Thread: guarded by the caller's lock; does not lock, allocate, or wake anybody itself.
// Cost: constant for every member, wherever in the line a waiter stands.
class WaiterLine {
 public:
  // At most `max_waiting` in each lane: normal waiters cannot fill the line for urgent ones.
  explicit WaiterLine(std::size_t max_waiting) noexcept : max_waiting_(max_waiting) {}

  bool empty() const noexcept { return size() == 0; }
  std::size_t size() const noexcept { return lanes_[0].size + lanes_[1].size; }
  std::size_t size(Lane lane) const noexcept { return lanes_[index(lane)].size; }

  // To the end of its lane. False if that is full.
  bool join(Waiter& waiter) noexcept {
    Queue& lane = lanes_[index(waiter.lane)];
    if (lane.size == max_waiting_) return false;
    waiter.before = lane.last;
    waiter.behind = nullptr;
    (lane.last != nullptr ? lane.last->behind : lane.first) = &waiter;
    lane.last = &waiter;
    ++lane.size;
    waiter.in_line = true;
    return true;
  }

  // Out of the line, from wherever it stands. REQUIRES: waiter.in_line.
  void leave(Waiter& waiter) noexcept {
    Queue& lane = lanes_[index(waiter.lane)];
    (waiter.before != nullptr ? waiter.before->behind : lane.first) = waiter.behind;
    (waiter.behind != nullptr ? waiter.behind->before : lane.last) = waiter.before;
    --lane.size;
    waiter.before = waiter.behind = nullptr;
    waiter.in_line = false;
  }

  // The one whose turn it is, taken out of the line. REQUIRES: not empty.
  Waiter& pop() noexcept {
    Queue& lane =
        lanes_[lanes_[index(Lane::urgent)].size != 0 ? index(Lane::urgent) : index(Lane::normal)];
    Waiter& first = *lane.first;
    leave(first);
    return first;
  }

 private:
  struct Queue {
    Waiter* first = nullptr;
    Waiter* last = nullptr;
    std::size_t size = 0;
  };
  static constexpr std::size_t index(Lane lane) noexcept { return static_cast<std::size_t>(lane); }

  const std::size_t max_waiting_;
  std::array<Queue, 2> lanes_;
};

// Waiters whose fate is decided, collected under the lock and woken after it.
class WakeList {
 public:
  void add(Waiter& waiter) noexcept {
    waiter.behind = nullptr;
    (last_ != nullptr ? last_->behind : first_) = &waiter;
    last_ = &waiter;
  }

  // Wakes all, in the order in which they were added. A waiter is gone once its signal is set, so
  // the next one is read before.
  void wake_all() noexcept {
    for (Waiter* waiter = first_; waiter != nullptr;) {
      Waiter* const next = waiter->behind;
      waiter->signal.set();
      waiter = next;
    }
    first_ = last_ = nullptr;
  }

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace leasehold::detail
