#include "lending/idle_queue.hpp"

namespace leasehold::detail {

IdleQueue::IdleQueue(std::size_t clients) : queue_(0) {
  tokens_.reserve(clients);
  for (std::uint32_t client = 0; client < clients; ++client) {
    const moodycamel::ProducerToken& token = tokens_.emplace_back(queue_);
    // The first entry makes the producer's only block. It is enough for ever: a thread that pops
    // has marked its place as free before the client can be queued again. (The queue's own reserve
    // would give every producer an index of all blocks: quadratic memory.)
    std::uint32_t entry = 0;
    if (!token.valid() || !queue_.enqueue(token, client) ||
        !queue_.try_dequeue_from_producer(token, entry)) {
      throw std::bad_alloc();
    }
  }
}

}  // namespace leasehold::detail
