#include "lending/lending_desk.hpp"

#include <chrono>
#include <optional>
#include <thread>

#include "lending/test_point.hpp"

namespace leasehold::detail {

constinit thread_local LastUsed last_used_by_thread;

namespace {

// 1, 2, 3, … All that desks share. Relaxed: a number is only told apart from others.
std::uint32_t next_desk_number() noexcept {
  static constinit std::atomic<std::uint32_t> made{0};
  return made.fetch_add(1, std::memory_order_relaxed) + 1;
}

// Yielding does not help a thread which this one keeps from its core by a higher real-time
// priority. In real time, whatever clock a desk has: that is what the other thread takes.
constexpr int kMostYields = 100;
void leave_the_core() noexcept {
  WakeSignal never;
  kSteadyClock.wait_until(never, kSteadyClock.now() + std::chrono::microseconds(50));
}

}  // namespace

LendingDesk::LendingDesk(std::uint32_t size, std::size_t max_waiting, const Clock& clock,
                         ClientEnd* told)
    : number_(next_desk_number()),
      size_(size),
      clock_(clock),
      told_(told),
      slots_(std::make_unique<Slot[]>(size)),
      queue_(size),
      maybe_idle_(size),
      line_(max_waiting),
      closers_(mutex_, clock) {
  for (std::uint32_t client = 0; client < size; ++client) {
    if (!queue_.push(client)) throw std::bad_alloc();
    slots_[client].queued.store(true, std::memory_order_relaxed);
  }
}

// --- taking ---

std::uint32_t LendingDesk::take_other() noexcept {
  if (gate_.load(std::memory_order_acquire) != 0) return kNoClient;  // A1, again
  if (LastUsed::Entry* const last = last_used_by_thread.find(number_); last != nullptr) {
    if (const auto client = claim_unshared(*last); client != kNoClient) return client;
  }
  return claim_queued();
}

// A2 with another guess, because two threads have come to share a client: the queue gives out the
// same few first, so that they would go on clashing.
std::uint32_t LendingDesk::claim_unshared(LastUsed::Entry& last) noexcept {
  for (int looks = 0; looks < 4; ++looks) {  // the next time goes on from there
    last.look_at = last.look_at + 1 < size_ ? last.look_at + 1 : 0;
    const Slot& slot = slots_[last.look_at];
    if (slot.state.load(std::memory_order_relaxed) == State::idle &&
        !slot.tail.load(std::memory_order_relaxed) && claim(last.look_at)) {
      return last.client = last.look_at;
    }
  }
  return kNoClient;
}

// A3. Bounded: entries of leased clients may lie in front, the queue may look through all its
// producers for one, and a thread that pops and one that gives back could undo each other's work
// for ever (R5). Who gives up looks at the states.
std::uint32_t LendingDesk::claim_queued() noexcept {
  if (maybe_idle_.empty()) return kNoClient;
  constexpr int kMostPops = 4;
  std::uint32_t client = kNoClient;
  for (int pops = 0; pops < kMostPops && queue_.pop(client); ++pops) {
    LEASEHOLD_POINT("popped");
    // Before the claim: if that fails, the owner must see that its entry is gone (R5).
    slots_[client].queued.store(false, std::memory_order_seq_cst);
    LEASEHOLD_POINT("unmarked");
    if (!claim(client)) continue;
    remember(client);
    return client;
  }
  return kNoClient;
}

// L1-L3. True: the client was idle, and is the caller's. Else it is taken out of maybe_idle_;
// whoever has it puts it back.
bool LendingDesk::claim_or_unlist(std::uint32_t client) noexcept {
  std::atomic<State>& state = slots_[client].state;
  State seen = state.load(std::memory_order_seq_cst);
  if (seen == State::idle) return claim(client);
  LEASEHOLD_POINT("before unlisting");
  // Before the state is marked: its owner must not put the client back in between, unseen.
  maybe_idle_.clear(client);
  LEASEHOLD_POINT("unlisted");
  // An owner that did not see the mark may have freed the client: then it falls to this thread.
  seen = state.load(std::memory_order_seq_cst);
  while (seen == State::idle || seen == State::leased) {
    const bool idle = seen == State::idle;
    if (state.compare_exchange_weak(seen, State::unlisted, std::memory_order_seq_cst)) return idle;
  }
  return false;
}

// Claims every idle client, by its state and past the queue (which may look empty when it is not),
// while use(client) wants more. One that is freed behind the scan is its releaser's to see to (R6).
template <class Use>
void LendingDesk::claim_idle(Use use) noexcept {
  maybe_idle_.each(
      [&](std::uint32_t client) noexcept { return claim_or_unlist(client) ? use(client) : true; });
}

std::uint32_t LendingDesk::claim_any() noexcept {
  std::uint32_t claimed = kNoClient;
  claim_idle([&claimed](std::uint32_t client) noexcept {
    claimed = client;
    return false;
  });
  return claimed;
}

// A4.
std::uint32_t LendingDesk::claim_unless_waited_for() noexcept {
  return gate_.load(std::memory_order_acquire) == 0 ? claim_any() : kNoClient;
}

LendingDesk::Taken LendingDesk::taken(std::uint32_t client) noexcept {
  remember(client);
  return {.client = client};
}

LendingDesk::Taken LendingDesk::try_take() noexcept {
  if (const auto client = take_idle(); client != kNoClient) return {.client = client};
  if (const auto client = claim_unless_waited_for(); client != kNoClient) return taken(client);
  return {.refusal = refusal_now(closed() ? RefusalReason::closed : RefusalReason::none_idle)};
}

LendingDesk::Taken LendingDesk::stand_in_line(const AcquireOptions& ask,
                                              TimePoint deadline) noexcept {
  // First, so that little is left to look at under the lock.
  if (!ask.stop.stop_requested()) {
    if (const auto client = claim_unless_waited_for(); client != kNoClient) return taken(client);
  }
  const TimePoint entered = clock_.now();
  Waiter self(ask.lane);
  const auto refused = [&](RefusalReason reason, bool is_guest) noexcept {  // under the lock
    Taken none{.refusal = refusal_now(reason), .is_guest = is_guest};
    none.refusal.waited = clock_.now() - entered;
    return none;
  };

  WakeList woken;
  {
    LEASEHOLD_POINT("before joining");
    const MutexLock lock(mutex_);
    if (closed_) return refused(RefusalReason::closed, false);
    if (ask.stop.stop_requested()) return refused(RefusalReason::stopped, false);
    const bool may_wait = deadline > entered;
    if (!may_wait || !line_.join(self)) {
      // Nobody waits, so no turn is taken: the line was never entered.
      if (line_.empty()) {
        if (const auto client = claim_any(); client != kNoClient) return taken(client);
      }
      return refused(may_wait ? RefusalReason::line_full : RefusalReason::timed_out, false);
    }
    ++guests_;       // J1
    publish_gate();  // J2. Before the look at the clients.
    LEASEHOLD_POINT("joined");
    serve(woken);  // J3
  }
  woken.wake_all();

  const auto look_around = [&self]() noexcept { self.signal.nudge(); };
  std::optional<std::stop_callback<decltype(look_around)>> on_stop;
  if (ask.stop.stop_possible()) on_stop.emplace(ask.stop, look_around);

  // W1.
  while (clock_.wait_until(self.signal, deadline) != WakeSignal::Woken::set) {
    LEASEHOLD_POINT("woke unserved");
    const bool stopped = ask.stop.stop_requested();
    if (!stopped && clock_.now() < deadline) continue;
    MutexLock lock(mutex_);
    // W2. A client may be free whose releaser waits for the lock (R6).
    if (self.in_line) serve(woken);
    if (self.in_line) {
      line_.leave(self);
      publish_gate();
      const Taken none = refused(stopped ? RefusalReason::stopped : RefusalReason::timed_out, true);
      lock.unlock();
      woken.wake_all();
      return none;
    }
    lock.unlock();
    woken.wake_all();
    // W3. It was given a client, or refused, just now: the signal is on its way, and `self` must
    // not go before it has arrived.
    deadline = kNever;
  }
  if (self.client != kNoClient) return taken(self.client);  // W4
  const MutexLock lock(mutex_);
  return refused(RefusalReason::closed, true);
}

// G1.
void LendingDesk::enter() noexcept {
  const MutexLock lock(mutex_);
  ++guests_;
}

// G2.
LendingDesk::Last LendingDesk::leave() noexcept {
  {
    const MutexLock lock(mutex_);
    --guests_;
    if (!nobody_left()) return Last::no;
  }
  return await_tails();
}

// --- giving back ---

// R1. Somebody waits, or the desk is closed.
LendingDesk::Last LendingDesk::hand_over(std::uint32_t client) noexcept {
  if (forked()) return Last::no;
  {
    WakeList woken;
    MutexLock lock(mutex_);
    if (!closed_) {
      if (line_.empty()) {  // they have left meanwhile
        lock.unlock();
        return put_down(client);
      }
      hand(line_.pop(), client, woken);
      publish_gate();
      lock.unlock();
      woken.wake_all();
      return Last::no;
    }
  }
  return hand_in(client) ? await_tails() : Last::no;
}

// To a desk that is closed. True: the caller is to end the desk.
bool LendingDesk::hand_in(std::uint32_t client) noexcept {
  if (told_ != nullptr) told_->at_end(client);
  WakeList woken;
  bool last = false;
  {
    const MutexLock lock(mutex_);
    collect(client, woken);
    last = nobody_left();
  }
  woken.wake_all();
  return last;
}

LendingDesk::Last LendingDesk::queue_and_put_down(std::uint32_t client) noexcept {
  Slot& slot = slots_[client];
  // R2. The client is owned still, so only an earlier owner can be clearing the mark just now.
  const bool late = slot.tail.load(std::memory_order_acquire);
  if (late) {
    slot.late_tails.fetch_add(1, std::memory_order_relaxed);
  } else {
    slot.tail.store(true, std::memory_order_relaxed);
  }
  // R3. Queued while owned: the producer token is the owner's.
  // Acquire: what the thread that popped the last entry did to the queue before it cleared
  // the mark.
  if (!slot.queued.load(std::memory_order_acquire)) enqueue(client);
  LEASEHOLD_POINT("before freeing");
  free(client);
  return look_again(client, late);
}

// False: the queue has no room, and the client stays without an entry; it is found by its state.
bool LendingDesk::enqueue(std::uint32_t client) noexcept {
  slots_[client].queued.store(true, std::memory_order_relaxed);
  if (queue_.push(client)) return true;
  slots_[client].queued.store(false, std::memory_order_relaxed);
  return false;
}

LendingDesk::Last LendingDesk::look_again(std::uint32_t client, bool late) noexcept {
  Slot& slot = slots_[client];
  // R5. A thread that popped the entry while the client was still owned has dropped it: take the
  // client again and start over. If the claim fails, whoever won will queue it.
  while (!slot.queued.load(std::memory_order_seq_cst)) {
    LEASEHOLD_POINT("before reclaiming");
    if (!claim(client)) break;
    // Others may have had the client, and queued it, between the look and the claim.
    const bool queued = slot.queued.load(std::memory_order_acquire) || enqueue(client);
    free(client);
    if (!queued) break;
  }
  LEASEHOLD_POINT("before looking at the gate");
  // R6. Whoever joined before the client was free has not seen it.
  bool last = false;
  if (gate_.load(std::memory_order_seq_cst) != 0 && !serve_line()) {
    // Closed before or after the client was free: if it was not collected, nor taken by a thread
    // that passed the gate before, it is this thread's to hand in.
    last = claim(client) && hand_in(client);
  }
  // R7. The last access to the desk, unless it falls to this thread to end it; pairs
  // with await_tails().
  if (late) {
    slot.late_tails.fetch_sub(1, std::memory_order_release);
  } else {
    slot.tail.store(false, std::memory_order_release);
  }
  return last ? await_tails() : Last::no;
}

// False: the desk is closed, and there is no line.
bool LendingDesk::serve_line() noexcept {
  if (forked()) return true;  // nobody stands there
  WakeList woken;
  {
    const MutexLock lock(mutex_);
    if (closed_) return false;
    serve(woken);
  }
  woken.wake_all();
  return true;
}

// --- under the lock ---

void LendingDesk::publish_gate() noexcept {
  // seq_cst: invariant 3. Pairs with the loads in take_idle() (A1) and give_back() (R1, R6).
  gate_.store(static_cast<std::uint32_t>(line_.size()) | (closed_ ? kClosed : 0),
              std::memory_order_seq_cst);
}

void LendingDesk::serve(WakeList& woken) noexcept {
  if (line_.empty()) return;
  claim_idle([&](std::uint32_t client) noexcept {
    mutex_.is_held();
    hand(line_.pop(), client, woken);
    return !line_.empty();
  });
  publish_gate();
}

void LendingDesk::hand(Waiter& waiter, std::uint32_t client, WakeList& woken) noexcept {
  waiter.client = client;
  --guests_;  // the lease keeps the desk from now on
  woken.add(waiter);
}

void LendingDesk::collect(std::uint32_t client, WakeList& woken) noexcept {
  slots_[client].state.store(State::collected, std::memory_order_release);
  maybe_idle_.clear(client);  // for ever: who looks for idle ones later need not pass it
  if (collected_.fetch_add(1, std::memory_order_release) + 1 != size_) return;
  closers_.pop_all(woken);
}

void LendingDesk::collect_idle(WakeList& woken) noexcept {
  claim_idle([&](std::uint32_t client) noexcept {
    mutex_.is_held();
    collect(client, woken);
    return true;
  });
}

// Becomes true once, by the change that its caller has just made under the lock: so one thread ends
// the desk.
bool LendingDesk::nobody_left() const noexcept {
  return retired_ && collected() == size_ && guests_ == 0;
}

// A count, and no snapshot: others take and give back meanwhile.
std::uint32_t LendingDesk::idle_now() const noexcept {
  // Read first: what is collected later is not counted twice.
  std::uint32_t idle = collected();
  maybe_idle_.each([&](std::uint32_t client) noexcept {
    idle += slots_[client].state.load(std::memory_order_acquire) == State::idle ? 1U : 0U;
    return true;
  });
  return idle;
}

Refusal LendingDesk::refusal_now(RefusalReason reason) const noexcept {
  const std::uint32_t idle = idle_now();
  return {.reason = reason,
          .size = size_,
          .idle = idle,
          .leased = size_ - idle,
          .waiting = gate_.load(std::memory_order_acquire) & ~kClosed};
}

// --- closing ---

std::size_t LendingDesk::begin_close() noexcept {
  WakeList woken;
  std::size_t leased = 0;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    while (!line_.empty()) woken.add(line_.pop());
    publish_gate();  // C1. Before the look at the clients.
    LEASEHOLD_POINT("closed");
    collect_idle(woken);  // C2
    leased = size_ - collected();
  }
  woken.wake_all();
  return leased;
}

// K1, K2.
bool LendingDesk::await_collected(TimePoint deadline) noexcept {
  return closers_.await(deadline, [this]() noexcept { return collected() == size_; });
}

// D1.
LendingDesk::Last LendingDesk::retire() noexcept {
  {
    const MutexLock lock(mutex_);
    retired_ = true;
    if (!nobody_left()) return Last::no;
  }
  return await_tails();
}

LendingDesk::Last LendingDesk::await_tails() noexcept {
  LEASEHOLD_POINT("awaiting tails");
  // Only threads that gave a client back before the desk was closed can be between R2 and R7. They
  // wait for nothing but locks which nobody holds for long. Pairs with R7, which is a plain store
  // for the sake of every release, and sends no signal.
  for (std::uint32_t client = 0; client < size_; ++client) {
    const Slot& slot = slots_[client];
    for (int looks = 0; slot.tail.load(std::memory_order_acquire) ||
                        slot.late_tails.load(std::memory_order_acquire) != 0;
         ++looks) {
      if (looks < kMostYields) {
        std::this_thread::yield();
      } else {
        leave_the_core();
      }
    }
  }
  return Last::yes;
}

LendingDesk::Counts LendingDesk::counts() const noexcept {
  const std::uint32_t idle = idle_now();
  const MutexLock lock(mutex_);
  return {.idle = idle,
          .leased = size_ - idle,
          .waiting_urgent = static_cast<std::uint32_t>(line_.size(Lane::urgent)),
          .waiting_normal = static_cast<std::uint32_t>(line_.size(Lane::normal))};
}

}  // namespace leasehold::detail
