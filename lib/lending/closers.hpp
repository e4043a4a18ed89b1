#pragma once

#include <cstddef>
#include <limits>

#include "lending/waiter_line.hpp"
#include "system/clock.hpp"
#include "system/mutex.hpp"

namespace leasehold::detail {

// The threads that wait in close() until nothing is leased any more.
//
// Thread: guarded by the lock that it is given, which guards what they wait for as well.
class Closers {
 public:
  Closers(Mutex& mutex, const Clock& clock) noexcept : mutex_(mutex), clock_(clock) {}

  // Until popped and woken; not at all if over(), which is called under the lock. False: not before
  // `deadline`.
  template <class Over>
  bool await(TimePoint deadline, Over over) noexcept {
    Waiter self;
    {
      const MutexLock lock(mutex_);
      if (over()) return true;
      line_.join(self);
    }
    return await_set(clock_, self.signal, deadline, [&]() noexcept {
      const MutexLock lock(mutex_);
      if (!self.in_line) return false;
      line_.leave(self);
      return true;
    });
  }

  // REQUIRES: the caller holds the lock, and wakes them after it.
  void pop_all(WakeList& woken) noexcept {
    mutex_.is_held();
    while (!line_.empty()) woken.add(line_.pop());
  }

 private:
  Mutex& mutex_;
  const Clock& clock_;
  WaiterLine line_ LEASEHOLD_GUARDED_BY(mutex_){std::numeric_limits<std::size_t>::max()};
};

}  // namespace leasehold::detail
