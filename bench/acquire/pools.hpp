#pragma once

#include <concurrentqueue/blockingconcurrentqueue.h>
#include <concurrentqueue/concurrentqueue.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <latch>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

#include "acquire/run_together.hpp"
#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"

// What is compared. Each has
//
//   Pool(size)                       a pool of `size` clients, all idle
//   pool.with_client(thread, use)    one pair: acquires, calls use(), releases
//
// `size` and `thread` (0, 1, …) count from the workload's side. The rivals lend out the numbers of
// clients, which is all a pool of theirs would have to move.
namespace leasehold::bench {

using Number = std::uint32_t;

inline std::vector<Number> all_numbers(unsigned size) {
  std::vector<Number> numbers(size);
  std::iota(numbers.begin(), numbers.end(), Number{0});
  return numbers;
}

// Nothing listens on this port, and nothing needs to: a client connects on its first request.
inline ClientSettings nowhere() { return {.origin = "https://127.0.0.1:1"}; }

class Leasehold {
 public:
  static constexpr const char* kName = "leasehold";

  explicit Leasehold(unsigned size)
      : pool_(nowhere(), {.acquire_timeout = std::chrono::hours(1), .size = size}) {}

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    const leasehold::ClientLease lease = pool_.acquire();
    use();
  }

 private:
  leasehold::ClientPool pool_;
};

// The same of several pools in one process, to each of which every thread comes in turn.
template <unsigned Pools>
class LeaseholdTimes {
 public:
  static constexpr const char* kName = Leasehold::kName;

  explicit LeaseholdTimes(unsigned size) : turns_(std::make_unique<Turn[]>(size)) {
    for (auto& pool : pools_) pool = std::make_unique<Leasehold>(size);
  }

  template <class Use>
  void with_client(unsigned thread, Use use) {
    pools_[turns_[thread].next++ % Pools]->with_client(thread, use);
  }

 private:
  struct alignas(64) Turn {
    unsigned next = 0;
  };
  std::array<std::unique_ptr<Leasehold>, Pools> pools_;
  const std::unique_ptr<Turn[]> turns_;
};

// A client for each thread. Those are built before the clock starts, as a pool's are.
class PerThread {
 public:
  static constexpr const char* kName = "per_thread";

  explicit PerThread(unsigned size) : clients_(nowhere(), {.max_threads = size}) {
    std::latch all_there(size);  // so that none gets the client of one that has ended
    run_together(size, [&](unsigned /*thread*/) {
      const leasehold::ClientLease lease = clients_.acquire();
      all_there.arrive_and_wait();
    });
  }

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    const leasehold::ClientLease lease = clients_.acquire();
    use();
  }

 private:
  leasehold::ClientPerThread clients_;
};

// moodycamel's own blocking queue, as its documentation uses it.
class BlockingQueue {
 public:
  static constexpr const char* kName = "blocking_queue";

  explicit BlockingQueue(unsigned size) {
    for (const Number number : all_numbers(size)) idle_.enqueue(number);
  }

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    Number number = 0;
    idle_.wait_dequeue(number);
    use();
    idle_.enqueue(number);
  }

 private:
  moodycamel::BlockingConcurrentQueue<Number> idle_;
};

// What one writes by hand: a vector, a mutex, a condition variable.
class MutexLifo {
 public:
  static constexpr const char* kName = "mutex_lifo";

  explicit MutexLifo(unsigned size) : idle_(all_numbers(size)) {}

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    const Number number = take();
    use();
    give_back(number);
  }

 private:
  Number take() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !idle_.empty(); });
    const Number number = idle_.back();
    idle_.pop_back();
    return number;
  }

  void give_back(Number number) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(number);
    }
    not_empty_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable not_empty_;
  std::vector<Number> idle_;
};

// The same, made fair: who waits takes a ticket, and is handed the client it stands for.
class MutexFifo {
 public:
  static constexpr const char* kName = "mutex_fifo";

  explicit MutexFifo(unsigned size) : idle_(all_numbers(size)) {}

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    const Number number = take();
    use();
    give_back(number);
  }

 private:
  struct Ticket {
    std::condition_variable called;
    bool served = false;
    Number number = 0;
  };

  Number take() {
    std::unique_lock lock(mutex_);
    if (!idle_.empty()) {  // then nobody waits
      const Number number = idle_.back();
      idle_.pop_back();
      return number;
    }
    Ticket ticket;
    line_.push_back(&ticket);
    ticket.called.wait(lock, [&ticket] { return ticket.served; });
    return ticket.number;
  }

  void give_back(Number number) {
    const std::lock_guard lock(mutex_);
    if (line_.empty()) {
      idle_.push_back(number);
      return;
    }
    Ticket& first = *line_.front();
    line_.pop_front();
    first.number = number;
    first.served = true;
    first.called.notify_one();  // under the lock: the ticket is gone once its thread has it
  }

  std::mutex mutex_;
  std::vector<Number> idle_;
  std::deque<Ticket*> line_;
};

// moodycamel's queue with a producer token for each client, and nothing else: it cannot wait, so it
// is no pool, but the least that one on this queue could cost without affinity.
class TokenPair {
 public:
  static constexpr const char* kName = "token_pair";

  explicit TokenPair(unsigned size) {
    for (const Number number : all_numbers(size)) {
      tokens_.emplace_back(idle_);
      idle_.enqueue(tokens_.back(), number);
    }
  }

  template <class Use>
  void with_client(unsigned /*thread*/, Use use) {
    Number number = 0;
    while (!idle_.try_dequeue(number)) {  // may look empty although it is not
    }
    use();
    idle_.enqueue(tokens_[number], number);
  }

 private:
  moodycamel::ConcurrentQueue<Number> idle_;
  std::vector<moodycamel::ProducerToken> tokens_;
};

// One compare-and-swap and one exchange on a cache line of the thread's own: what this machine asks
// for a pair that is safe at all. Tells machines apart, not pools.
class Atomics {
 public:
  static constexpr const char* kName = "atomics";

  explicit Atomics(unsigned size) : lines_(std::make_unique<Line[]>(size)) {}

  template <class Use>
  void with_client(unsigned thread, Use use) {
    std::atomic<bool>& leased = lines_[thread].leased;
    bool idle = false;
    if (leased.compare_exchange_strong(idle, true)) use();
    leased.exchange(false);
  }

 private:
  struct alignas(64) Line {
    std::atomic<bool> leased{false};
  };
  const std::unique_ptr<Line[]> lines_;
};

}  // namespace leasehold::bench
