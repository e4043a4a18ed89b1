#pragma once

// With lending/idle_queue.hpp, the includers of moodycamel's queue.
#include <concurrentqueue/concurrentqueue.h>

#include <array>
#include <cstddef>
#include <new>

namespace leasehold::detail {

struct Submission;

// moodycamel takes its memory from operator new, so that tests can count and fail it.
struct IntakeTraits : moodycamel::ConcurrentQueueDefaultTraits {
  static void* malloc(std::size_t bytes) { return ::operator new(bytes, std::nothrow); }
  static void free(void* memory) { ::operator delete(memory); }
};

// Where engine threads leave what they submit, without a lock.
//
// Thread: push() from any; take(), one at a time.
// Order: none is promised between threads; whoever takes puts in order. What was pushed before
//   take() was called, so that it happened before, is taken.
// Cost: a thread's first push makes a place for that thread, which stays until another thread with
//   its id takes it over: a program that ends threads and starts others uses the same again.
class Intake {
 public:
  // False if it would have needed memory that there is not.
  bool push(Submission* submission) noexcept { return queue_.enqueue(submission); }

  // Calls use(submission) for each that is there.
  template <class Use>
  void take(Use use) noexcept {
    std::array<Submission*, 64> some{};
    for (std::size_t count = some.size(); count == some.size();) {
      count = queue_.try_dequeue_bulk(some.data(), some.size());
      for (std::size_t i = 0; i < count; ++i) use(*some[i]);
    }
  }

 private:
  moodycamel::ConcurrentQueue<Submission*, IntakeTraits> queue_;
};

}  // namespace leasehold::detail
