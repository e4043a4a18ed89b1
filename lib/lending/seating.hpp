#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "leasehold/refusal.hpp"
#include "lending/client_end.hpp"
#include "lending/closers.hpp"
#include "lending/test_point.hpp"
#include "lending/waiter_line.hpp"
#include "system/clock.hpp"
#include "system/fork_mark.hpp"
#include "system/mutex.hpp"

namespace leasehold::detail {

class Seating;
class SeatsOfThread;

// The seat that a thread has at a seating: a guess, checked by the address.
struct SeatGuess {
  const Seating* seating;
  std::uint32_t seat;
};
inline constexpr std::size_t kSeatingsGuessed = 4;
// initial-exec: found without a call, in a shared library too, for 64 bytes of static TLS.
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local std::array<SeatGuess, kSeatingsGuessed>
    seat_guesses_of_this_thread;

// Decides which thread has which seat, and with it the client of that number, and whether that is
// leased. Knows clients by number only; does no I/O.
//
// Threads and sources end in any order, so neither points at the other: each thread that has a seat
// shares the ownership of the seating, and so does the source. A thread's end vacates its seats (a
// destructor of thread-local storage); the end of a source does nothing to the threads, which drop
// what is left of it when they next take a seat elsewhere, or end. As a seating lives while a
// thread remembers it, an address that a thread remembers is never another seating's.
//
// Invariants:
//  1. Only the thread that has the seat takes it from free to leased; only who holds the lease, in
//     whichever thread, takes it back. So taking needs no read-modify-write: nobody else changes
//     the word of a free seat.
//  2. Who must hear of a lease's end (a thread that ends while it is out, who closes, who ends the
//     source) marks it as watched, under the lock and only beside kLeased, and counts it in due_.
//     The exchange that ends the lease finds the mark, and only then goes through the lock. Each
//     watched lease is taken out of due_ once.
//  3. The end of a lease that nobody watches touches nothing of the seating after the exchange: the
//     source may be gone by then.
//
// A thread that takes its seat at the very moment at which another one closes may have its lease
// still when close() has counted: it stored kLeased and did not see closed_, and who closes has not
// seen kLeased. To rule that out would cost each acquire a second locked instruction; such a lease
// has a client that is cut off. The end of the source cannot meet such a thread: its owner lets
// none enter.
//
// Thread: all members, from any thread.
// Cost: take_mine() and give_back(): one locked instruction together, no lock, no call, and no
//   memory that other threads write. take_seat() and the end of a watched lease: the lock.
// Lifetime of the source's state: as LendingDesk's. Members that return `Last::yes` tell their
//   caller to destroy it. A guest is a thread inside without a lease: who called enter().
// Fork: in a child process the lock may be held by a thread that is not there. Threads end and
//   leases are given back without it, and no thread gets a seat; the source is to leave the rest.
class Seating {
 public:
  enum class Last : bool { no, yes };
  static constexpr std::uint32_t kNoSeat = kNoClient;

  // `told`: of each client that is given back after begin_close(). Throws std::bad_alloc.
  Seating(std::uint32_t seats, const Clock& clock, ClientEnd* told = nullptr);
  Seating(const Seating&) = delete;
  Seating& operator=(const Seating&) = delete;

  // The seat that this thread has, leased to it. kNoSeat: it has none, or it is leased, or the
  // seating is closed, or it is not where the guess was; take_seat() knows.
  std::uint32_t take_mine() noexcept {
    const SeatGuess guess = guess_of(this);
    if (guess.seating != this || !take(guess.seat)) [[unlikely]]
      return kNoSeat;
    return guess.seat;
  }
  // The same, for a thread that has none too: it gets one, and keeps it until it ends. While its
  // thread-local objects are destroyed, and later, it gets one for the lease.
  struct Taken {
    std::uint32_t seat = kNoSeat;
    RefusalReason refused = RefusalReason::none;  // if there is no seat
  };
  // `self`: this one, shared.
  static Taken take_seat(const std::shared_ptr<Seating>& self) noexcept;
  // Ends the lease. REQUIRES: the caller has it.
  Last give_back(std::uint32_t seat) noexcept {
    // Acquire and release: what was done with the client, with the next take(), and what a watcher
    // has written before.
    if ((seats_[seat].word.exchange(0, std::memory_order_acq_rel) & kWatched) != 0) [[unlikely]] {
      LEASEHOLD_POINT("watched lease ended");
      return end_watched(seat);
    }
    return Last::no;
  }

  // The source's state is not destroyed before who entered has left.
  void enter() noexcept;
  Last leave() noexcept;

  // Refuses all who come later. Idempotent. The number of seats leased when it began.
  std::size_t begin_close() noexcept;
  // Until those are back. False: not before `deadline`. REQUIRES: enter().
  bool await_leases(TimePoint deadline) noexcept;
  // The source ends. REQUIRES: begin_close(), and that no thread enters any more but to give back.
  Last retire() noexcept;

  bool closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }
  bool forked() const noexcept { return fork_mark_.forked(); }
  bool is_leased(std::uint32_t seat) const noexcept {
    return seats_[seat].word.load(std::memory_order_acquire) != 0;
  }
  std::uint32_t size() const noexcept { return size_; }
  // Counts, and no snapshots: others take and give back meanwhile.
  std::uint32_t leased() const noexcept;
  // Those that a thread has, or a lease that has outlived its thread.
  std::uint32_t taken() const noexcept;

 private:
  friend class SeatsOfThread;

  // On a cache line of its own: while its thread comes back, nobody else writes it.
  struct alignas(64) Seat {
    std::atomic<std::uint32_t> word{0};  // kLeased, and kWatched with it; 0: free
    bool orphaned = false;  // guarded by the seating's lock: leased, and its thread has ended
  };
  static constexpr std::uint32_t kLeased = 1;
  static constexpr std::uint32_t kWatched = 2;

  static SeatGuess& guess_of(const Seating* seating) noexcept {
    return seat_guesses_of_this_thread[(reinterpret_cast<std::uintptr_t>(seating) / 64) %
                                       kSeatingsGuessed];
  }
  // REQUIRES: the seat is the calling thread's.
  bool take(std::uint32_t number) noexcept {
    std::atomic<std::uint32_t>& word = seats_[number].word;
    // Acquire: with the exchange in give_back(), perhaps another thread's.
    if (word.load(std::memory_order_acquire) != 0) return false;
    LEASEHOLD_POINT("not leased");
    word.store(kLeased, std::memory_order_relaxed);
    LEASEHOLD_POINT("leased");
    if (!closed_.load(std::memory_order_acquire)) [[likely]]  // with begin_close()
      return true;
    // Not the last: the source's owner lets no thread enter when it ends.
    static_cast<void>(give_back(number));
    return false;
  }
  Taken assign(bool for_good) noexcept;
  void vacate(std::uint32_t seat) noexcept;
  Last end_watched(std::uint32_t seat) noexcept;
  bool retired() const noexcept { return retired_.load(std::memory_order_relaxed); }

  bool watch(std::uint32_t seat) noexcept LEASEHOLD_REQUIRES(mutex_);
  std::size_t watch_all() noexcept LEASEHOLD_REQUIRES(mutex_);
  bool nobody_left() const noexcept LEASEHOLD_REQUIRES(mutex_);

  // Constant after construction.
  const ForkMark fork_mark_;
  const std::uint32_t size_;
  ClientEnd* const told_;
  const std::unique_ptr<Seat[]> seats_;

  // Written once each, read by all. Nothing is published with the second.
  std::atomic<bool> closed_{false};
  std::atomic<bool> retired_{false};
  // Seats from here on were never taken. Written under mutex_; a bound for who looks at all.
  std::atomic<std::uint32_t> used_{0};

  alignas(64) mutable Mutex mutex_;
  Closers closers_;  // threads in await_leases()
  // Of those used, the last vacated last; its capacity is reserved.
  std::vector<std::uint32_t> vacant_ LEASEHOLD_GUARDED_BY(mutex_);
  std::size_t due_ LEASEHOLD_GUARDED_BY(mutex_) = 0;  // watched leases that have not ended
  std::uint32_t guests_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
};

}  // namespace leasehold::detail
