#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "channel/chain.hpp"
#include "leasehold/outcome.hpp"
#include "system/clock.hpp"
#include "system/mutex.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// What a ResponseChannel and the requests that were submitted to it share: the outcomes that have
// arrived, and who waits for one. It lives until the last of them has ended.
//
// Thread: all members, from any thread.
class ResponseLine {
 public:
  // Where an outcome will lie, made when its request is submitted: arriving allocates nothing.
  struct Place {
    explicit Place(std::uint64_t number) noexcept : id(number) {}

    const std::uint64_t id;
    std::optional<Outcome> outcome = {};
    Place* previous = nullptr;
    Place* next = nullptr;
  };

  explicit ResponseLine(const Clock& clock = kSteadyClock) noexcept : clock_(clock) {}
  ~ResponseLine() { close(); }
  ResponseLine(const ResponseLine&) = delete;
  ResponseLine& operator=(const ResponseLine&) = delete;

  // Whom the caller is to wake, by set(), when it has nothing better to do; null: nobody.
  [[nodiscard]] WakeSignal* lay_down(std::unique_ptr<Place> place, Outcome outcome) noexcept;
  void arrive(std::unique_ptr<Place> place, Outcome outcome) noexcept {
    if (WakeSignal* const waits = lay_down(std::move(place), std::move(outcome))) waits->set();
  }
  // Null: none, not even by `deadline`.
  std::unique_ptr<Place> take() noexcept;
  std::unique_ptr<Place> take_until(TimePoint deadline) noexcept;
  std::size_t size() const noexcept;
  // Nobody will take any more: drops what is there, and what arrives from now on. REQUIRES: nobody
  // waits.
  void close() noexcept;

 private:
  // On the stack of who waits. `place` is guarded by the mutex, and its own once the signal is set.
  struct Receiver {
    Place* place = nullptr;
    WakeSignal signal = {};
    Receiver* previous = nullptr;
    Receiver* next = nullptr;
  };

  const Clock& clock_;
  mutable Mutex mutex_;
  // One of the two is empty.
  Chain<Place> arrived_ LEASEHOLD_GUARDED_BY(mutex_);
  Chain<Receiver> receivers_ LEASEHOLD_GUARDED_BY(mutex_);
  bool closed_ LEASEHOLD_GUARDED_BY(mutex_) = false;
};

}  // namespace leasehold::detail
