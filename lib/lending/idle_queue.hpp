#pragma once

// The only includer of moodycamel's queue.
#include <concurrentqueue/concurrentqueue.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace leasehold::detail {

// moodycamel takes its memory from operator new, so that tests can count and fail it.
struct IdleQueueTraits : moodycamel::ConcurrentQueueDefaultTraits {
  static constexpr std::size_t BLOCK_SIZE = 8;  // a client has one entry at most
  static constexpr std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 8;
  static constexpr std::size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 0;  // tokens only
  static void* malloc(std::size_t bytes) { return ::operator new(bytes, std::nothrow); }
  static void free(void* memory) { ::operator delete(memory); }
};

// Indices of clients that may be idle, to be found by any thread.
//
// Each client has its own producer token, used only by the thread that owns the client: so a token
// is never shared, and the number of producers is the number of clients, however many threads come.
//
// Thread: push(i) only by the owner of client i, pop() by anyone.
// Cost: no allocation after construction, if each client has at most one entry at a time.
// Order: none is promised. "Empty" may be wrong while other threads push and pop: whoever must not
//   miss a client looks at the clients' states (LendingDesk).
class IdleQueue {
 public:
  // Allocates for `clients` producers; throws std::bad_alloc.
  explicit IdleQueue(std::size_t clients);

  // False if the entry would have needed memory; the queue is as before.
  bool push(std::uint32_t client) noexcept { return queue_.try_enqueue(tokens_[client], client); }

  bool pop(std::uint32_t& client) noexcept { return queue_.try_dequeue(client); }

  std::size_t size_approx() const noexcept { return queue_.size_approx(); }

 private:
  using Queue = moodycamel::ConcurrentQueue<std::uint32_t, IdleQueueTraits>;

  Queue queue_;
  std::vector<moodycamel::ProducerToken> tokens_;
};

}  // namespace leasehold::detail
