#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "leasehold/acquire_options.hpp"
#include "leasehold/refusal.hpp"
#include "lending/client_end.hpp"
#include "lending/closers.hpp"
#include "lending/idle_queue.hpp"
#include "lending/last_used.hpp"
#include "lending/maybe_idle.hpp"
#include "lending/test_point.hpp"
#include "lending/waiter_line.hpp"
#include "system/clock.hpp"
#include "system/fork_mark.hpp"
#include "system/mutex.hpp"

namespace leasehold::detail {

// initial-exec: found without a call, in a shared library too, for some 100 bytes of static TLS.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local LastUsed last_used_by_thread;

// Decides which thread has which client. Knows clients by number only; does no I/O.
//
// Invariants:
//  1. A client is leased (to one thread), idle (to nobody), or collected (to nobody, for ever, once
//     closed). Only a compare-and-swap on its state takes it from idle; only its owner gives it up.
//  2. `queued` says that an entry for the client lies in the idle queue; there is never a second
//     one. A client may be claimed past its entry; whoever pops the entry of a client that is not
//     idle drops it, and the owner queues it again when it gives the client back.
//  3. A thread that found nothing idle joins the line and publishes that in `gate_` before it looks
//     for idle clients once more; who gives back frees the client before looking at `gate_`.
//     Both in one total order (seq_cst): the one sees the client, or the other sees the waiter.
//  4. An idle client is in `maybe_idle_`, or the thread that freed it is about to put it there, and
//     to look at `gate_` after that, or the thread that took it out is about to claim it. Who looks
//     in vain takes a leased client out and marks that in its state, so that the next one need not
//     look at it, and its owner puts it back.
//  5. While `gate_` is not zero nobody takes a client but through the line.
//
// The protocol's steps are labelled as in tests/model/pool.pml, where spin checks it.
//
// Thread: all members, from any thread.
// Cost: nothing allocates after construction. try_take/give_back with nobody waiting: no lock, and
//   no memory that other threads write, if the thread comes back for its last client.
// Lifetime: freed by whoever is last: the owner, who retires it, the last client given back, or the
//   last guest to leave. A guest is a thread that is inside without a client: one that waited in
//   line in vain, and who called enter(). Members that return `Last::yes` tell their caller to
//   destroy the desk, and nobody else can be inside it then.
// Fork: in a child process the lock may be held by a thread that is not there. Clients are given
//   back without it; the owner is to leave the rest.
class LendingDesk {
 public:
  enum class Last : bool { no, yes };

  struct Taken {
    std::uint32_t client = kNoClient;
    Refusal refusal = {};   // if there is no client
    bool is_guest = false;  // the caller is to leave()
  };

  // All clients idle. `told`: of each client that is given back after begin_close(), or while it
  // runs; who is idle then, begin_close() collects in silence. Throws std::bad_alloc.
  LendingDesk(std::uint32_t size, std::size_t max_waiting, const Clock& clock,
              ClientEnd* told = nullptr);

  // A client that is idle and easily found, or kNoClient: one may be missed, and none is taken
  // while others wait. For those who go on to stand_in_line(), or come again.
  std::uint32_t take_idle() noexcept {
    if (const auto client = take_last_used(); client != kNoClient) return client;
    return take_other();
  }
  // The same in two steps, the first of which makes no call.
  std::uint32_t take_last_used() noexcept;
  std::uint32_t take_other() noexcept;
  // Without waiting. Misses at most one that another thread is just giving back.
  Taken try_take() noexcept;
  // First come, first served, until `deadline` (that of `ask` is the caller's to look at); if that
  // has passed, not at all.
  Taken stand_in_line(const AcquireOptions& ask, TimePoint deadline) noexcept;

  // The desk is not destroyed before who entered has left.
  void enter() noexcept;
  Last leave() noexcept;

  // REQUIRES: `client` was taken by the caller, or handed to it.
  Last give_back(std::uint32_t client) noexcept;

  // Refuses all waiters and all who come later, and collects what is idle. Idempotent.
  // The number of clients still leased.
  std::size_t begin_close() noexcept;
  // Until all clients are collected. False: not before `deadline`. REQUIRES: begin_close().
  bool await_collected(TimePoint deadline) noexcept;
  // The owner is done with the desk. REQUIRES: begin_close(), and that no thread enters any more.
  Last retire() noexcept;

  bool closed() const noexcept { return (gate_.load(std::memory_order_acquire) & kClosed) != 0; }
  bool forked() const noexcept { return fork_mark_.forked(); }
  bool is_leased(std::uint32_t client) const noexcept {
    const State state = slots_[client].state.load(std::memory_order_acquire);
    return state == State::leased || state == State::unlisted;
  }

  struct Counts {
    std::uint32_t idle = 0;  // collected ones included
    std::uint32_t leased = 0;
    std::uint32_t waiting_urgent = 0;
    std::uint32_t waiting_normal = 0;
  };
  Counts counts() const noexcept;
  // Entries in the idle queue: at most one for each client, exact while nobody moves.
  std::size_t entries_approx() const noexcept { return queue_.size_approx(); }
  std::uint32_t size() const noexcept { return size_; }

 private:
  // `unlisted`: leased, and not in maybe_idle_.
  enum class State : std::uint8_t { idle, leased, unlisted, collected };

  // On a cache line of its own: while a thread comes back for the same client, nobody else
  // writes it.
  struct alignas(64) Slot {
    std::atomic<State> state{State::idle};
    std::atomic<bool> queued{false};
    // The end of give_back() looks at the desk after the client is free, when the desk could be
    // destroyed under it. One such thread is marked in `tail`, those who overlap it (rare) are
    // counted in `late_tails`; who destroys the desk waits for both.
    std::atomic<bool> tail{false};
    std::atomic<std::uint32_t> late_tails{0};
  };

  static constexpr std::uint32_t kClosed = 1U << 31U;

  void remember(std::uint32_t client) const noexcept {
    last_used_by_thread.remember(number_, client);
  }
  bool claim(std::uint32_t client) noexcept;
  bool claim_or_unlist(std::uint32_t client) noexcept;
  void free(std::uint32_t client) noexcept;
  std::uint32_t claim_unshared(LastUsed::Entry& last) noexcept;
  std::uint32_t claim_queued() noexcept;
  template <class Use>
  void claim_idle(Use use) noexcept;
  std::uint32_t claim_any() noexcept;
  std::uint32_t claim_unless_waited_for() noexcept;
  Taken taken(std::uint32_t client) noexcept;
  bool enqueue(std::uint32_t client) noexcept;
  Last hand_over(std::uint32_t client) noexcept;
  bool hand_in(std::uint32_t client) noexcept;
  bool serve_line() noexcept;
  Last put_down(std::uint32_t client) noexcept;
  Last queue_and_put_down(std::uint32_t client) noexcept;
  Last look_again(std::uint32_t client, bool late) noexcept;
  Last await_tails() noexcept;
  std::uint32_t idle_now() const noexcept;
  std::uint32_t collected() const noexcept { return collected_.load(std::memory_order_acquire); }
  Refusal refusal_now(RefusalReason reason) const noexcept;

  void publish_gate() noexcept LEASEHOLD_REQUIRES(mutex_);
  void serve(WakeList& woken) noexcept LEASEHOLD_REQUIRES(mutex_);
  void hand(Waiter& waiter, std::uint32_t client, WakeList& woken) noexcept
      LEASEHOLD_REQUIRES(mutex_);
  void collect(std::uint32_t client, WakeList& woken) noexcept LEASEHOLD_REQUIRES(mutex_);
  void collect_idle(WakeList& woken) noexcept LEASEHOLD_REQUIRES(mutex_);
  bool nobody_left() const noexcept LEASEHOLD_REQUIRES(mutex_);

  // Constant after construction.
  const ForkMark fork_mark_;
  const std::uint32_t
      number_;  // of the desk: no other has had it, so no thread takes it for another
  const std::uint32_t size_;
  const Clock& clock_;
  ClientEnd* const told_;
  const std::unique_ptr<Slot[]> slots_;

  // Synchronised by themselves.
  IdleQueue queue_;
  MaybeIdle maybe_idle_;
  // Written under mutex_; read without, by all who take or give back: waiters in line, and kClosed.
  alignas(64) std::atomic<std::uint32_t> gate_{0};
  // By who refuses: clients. Who reads it sees their states as collected (idle_now() pairs with
  // collect()), and so counts none of them twice.
  std::atomic<std::uint32_t> collected_{0};

  alignas(64) mutable Mutex mutex_;
  WaiterLine line_ LEASEHOLD_GUARDED_BY(mutex_);
  Closers closers_;  // threads in await_collected()
  // Waiters until they are served or have left, and who entered.
  std::uint32_t guests_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
  bool closed_ LEASEHOLD_GUARDED_BY(mutex_) = false;
  bool retired_ LEASEHOLD_GUARDED_BY(mutex_) = false;
};

inline bool LendingDesk::claim(std::uint32_t client) noexcept {
  State expected = State::idle;
  // seq_cst: invariant 3, and the pop that clears `queued` before it. Acquire: what the previous
  // owner did with the client pairs with its exchange (R4).
  return slots_[client].state.compare_exchange_strong(expected, State::leased,
                                                      std::memory_order_seq_cst);
}

inline std::uint32_t LendingDesk::take_last_used() noexcept {
  // A1. Pairs with publish_gate().
  if (gate_.load(std::memory_order_acquire) != 0) return kNoClient;
  LEASEHOLD_POINT("gate passed");
  // A2. Past its entry in the queue. One with a tail was given back by another thread, which has
  // been interrupted there: giving it back would take the long way every time.
  const LastUsed::Entry* const last = last_used_by_thread.find(number_);
  if (last != nullptr && !slots_[last->client].tail.load(std::memory_order_relaxed) &&
      claim(last->client)) [[likely]] {
    return last->client;
  }
  return kNoClient;
}

inline LendingDesk::Last LendingDesk::give_back(std::uint32_t client) noexcept {
  if (gate_.load(std::memory_order_acquire) != 0) [[unlikely]]
    return hand_over(client);
  return put_down(client);
}

// R4. Free. An exchange, because it must be ordered before the loads that follow (invariant 3).
inline void LendingDesk::free(std::uint32_t client) noexcept {
  const State was = slots_[client].state.exchange(State::idle, std::memory_order_seq_cst);
  LEASEHOLD_POINT("freed");
  if (was == State::unlisted) [[unlikely]]
    maybe_idle_.set(client);
  LEASEHOLD_POINT("listed");
}

// Makes the client idle. The common case makes no call and touches only the client's cache line.
inline LendingDesk::Last LendingDesk::put_down(std::uint32_t client) noexcept {
  Slot& slot = slots_[client];
  if (slot.tail.load(std::memory_order_acquire) || !slot.queued.load(std::memory_order_relaxed))
      [[unlikely]] {
    return queue_and_put_down(client);
  }
  slot.tail.store(true, std::memory_order_relaxed);  // R2
  LEASEHOLD_POINT("before freeing");
  free(client);
  if (!slot.queued.load(std::memory_order_seq_cst) || gate_.load(std::memory_order_seq_cst) != 0)
      [[unlikely]] {
    return look_again(client, false);
  }
  slot.tail.store(false, std::memory_order_release);  // R7
  return Last::no;
}

}  // namespace leasehold::detail
