#include "lending/seating.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace leasehold::detail {

constinit thread_local std::array<SeatGuess, kSeatingsGuessed> seat_guesses_of_this_thread{};

namespace {

// The thread has vacated its seats: it is about to end. Trivial, so that it can be asked until the
// very end.
constinit thread_local bool thread_is_over = false;

}  // namespace

// All seats that a thread has; vacated at its end.
class SeatsOfThread {
 public:
  // Null once the thread is over: it has none then, and gets none for good.
  static SeatsOfThread* mine() noexcept {
    if (thread_is_over) return nullptr;
    static thread_local SeatsOfThread seats;
    return &seats;
  }

  std::uint32_t find(const Seating* seating) noexcept {
    const auto found = std::ranges::find(
        seats_, seating, [](const Taken& one) -> const Seating* { return one.seating.get(); });
    if (found == seats_.end()) return Seating::kNoSeat;
    Seating::guess_of(seating) = {seating, found->seat};
    return found->seat;
  }

  // Room for one more. Throws std::bad_alloc.
  void make_room() {
    // What has ended since is forgotten now: a thread that sees many sources come and go would
    // remember them all.
    if (std::erase_if(seats_, [](const Taken& one) { return one.seating->retired(); }) != 0) {
      seat_guesses_of_this_thread = {};
    }
    seats_.reserve(seats_.size() + 1);
  }
  // REQUIRES: make_room().
  void add(const std::shared_ptr<Seating>& seating, std::uint32_t seat) noexcept {
    seats_.push_back({seating, seat});
    Seating::guess_of(seating.get()) = {seating.get(), seat};
  }

 private:
  struct Taken {
    std::shared_ptr<Seating> seating;
    std::uint32_t seat;
  };

  SeatsOfThread() = default;
  ~SeatsOfThread() {
    thread_is_over = true;
    seat_guesses_of_this_thread = {};
    for (const Taken& one : seats_) one.seating->vacate(one.seat);
  }

  std::vector<Taken> seats_;
};

Seating::Seating(std::uint32_t seats, const Clock& clock, ClientEnd* told)
    : size_(seats), told_(told), seats_(std::make_unique<Seat[]>(seats)), closers_(mutex_, clock) {
  vacant_.reserve(size_);
}

// --- taking ---

Seating::Taken Seating::take_seat(const std::shared_ptr<Seating>& self) noexcept {
  SeatsOfThread* const mine = SeatsOfThread::mine();
  if (mine == nullptr) return self->assign(false);
  if (const auto seat = mine->find(self.get()); seat != kNoSeat) {
    if (self->take(seat)) return {.seat = seat};
    return {.refused = self->closed() ? RefusalReason::closed : RefusalReason::already_leased};
  }
  try {
    mine->make_room();
  } catch (const std::bad_alloc&) {
    return {.refused = RefusalReason::out_of_memory};
  }
  const Taken taken = self->assign(true);
  if (taken.seat != kNoSeat) mine->add(self, taken.seat);
  return taken;
}

// A seat that no thread has, leased. Not for good: for a thread that will not tell of its end; the
// seat is vacated with the lease.
Seating::Taken Seating::assign(bool for_good) noexcept {
  if (forked()) return {.refused = RefusalReason::closed};
  const MutexLock lock(mutex_);
  LEASEHOLD_POINT("assigning");
  if (closed()) return {.refused = RefusalReason::closed};
  const std::uint32_t used = used_.load(std::memory_order_relaxed);
  std::uint32_t seat = used;
  if (!vacant_.empty()) {
    // The one vacated last: its connection is the likeliest to be open still.
    seat = vacant_.back();
    vacant_.pop_back();
  } else if (used < size_) {
    used_.store(used + 1, std::memory_order_release);
  } else {
    return {.refused = RefusalReason::too_many_threads};
  }
  seats_[seat].word.store(kLeased, std::memory_order_relaxed);
  if (!for_good) {
    watch(seat);
    seats_[seat].orphaned = true;
  }
  return {.seat = seat};
}

// --- giving back ---

// The thread that has it ends. If its lease is out, the seat waits for that.
void Seating::vacate(std::uint32_t seat) noexcept {
  if (forked()) return;
  const MutexLock lock(mutex_);
  if (watch(seat)) {
    seats_[seat].orphaned = true;
  } else {
    vacant_.push_back(seat);
  }
}

Seating::Last Seating::end_watched(std::uint32_t seat) noexcept {
  if (forked()) return Last::no;
  // Until due_ is told, the lease keeps what is shared.
  if (told_ != nullptr && closed()) told_->at_end(seat);
  WakeList woken;
  bool last = false;
  {
    const MutexLock lock(mutex_);
    // Nobody else has the seat meanwhile: it is no thread's until it is vacated, which only this
    // does.
    if (std::exchange(seats_[seat].orphaned, false)) vacant_.push_back(seat);
    if (--due_ == 0) closers_.pop_all(woken);
    last = nobody_left();
  }
  woken.wake_all();
  return last ? Last::yes : Last::no;
}

void Seating::enter() noexcept {
  const MutexLock lock(mutex_);
  ++guests_;
}

Seating::Last Seating::leave() noexcept {
  const MutexLock lock(mutex_);
  --guests_;
  return nobody_left() ? Last::yes : Last::no;
}

// --- under the lock ---

// Whether it is leased.
bool Seating::watch(std::uint32_t seat) noexcept {
  std::uint32_t word = kLeased;
  // Acquire: if the lease has ended, with the exchange that ended it; who gets the seat next gets
  // it through the lock.
  if (seats_[seat].word.compare_exchange_strong(word, kLeased | kWatched,
                                                std::memory_order_acq_rel)) {
    ++due_;
    return true;
  }
  return word != 0;  // watched already
}

std::size_t Seating::watch_all() noexcept {
  std::size_t leased = 0;
  const std::uint32_t used = used_.load(std::memory_order_relaxed);
  for (std::uint32_t seat = 0; seat < used; ++seat) leased += watch(seat) ? 1U : 0U;
  return leased;
}

// Becomes true once, by the change that its caller has just made under the lock: so one thread ends
// the state.
bool Seating::nobody_left() const noexcept { return retired() && due_ == 0 && guests_ == 0; }

// --- closing ---

std::size_t Seating::begin_close() noexcept {
  // Those count too that are given back before they are watched.
  const std::size_t leased_before = leased();
  closed_.store(true, std::memory_order_seq_cst);  // with take()
  const MutexLock lock(mutex_);
  return std::max(leased_before, watch_all());
}

bool Seating::await_leases(TimePoint deadline) noexcept {
  return closers_.await(deadline, [this]() noexcept {
    mutex_.is_held();
    return due_ == 0;
  });
}

Seating::Last Seating::retire() noexcept {
  const MutexLock lock(mutex_);
  watch_all();
  retired_.store(true, std::memory_order_relaxed);
  return nobody_left() ? Last::yes : Last::no;
}

// --- counting ---

std::uint32_t Seating::leased() const noexcept {
  std::uint32_t count = 0;
  const std::uint32_t used = used_.load(std::memory_order_acquire);
  for (std::uint32_t seat = 0; seat < used; ++seat) count += is_leased(seat) ? 1U : 0U;
  return count;
}

std::uint32_t Seating::taken() const noexcept {
  const MutexLock lock(mutex_);
  return used_.load(std::memory_order_relaxed) - static_cast<std::uint32_t>(vacant_.size());
}

}  // namespace leasehold::detail
