#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "stress/order.hpp"
#include "stress/record.hpp"
#include "stress/strategy.hpp"

namespace leasehold::stress {

struct RunPlan {
  std::size_t threads = 0;
  std::size_t orders_per_thread = 0;
  std::uint64_t seed = 0;
};

// Called by the thread that waits for a run, some times in a second, with the orders that are done.
using OnProgress = std::function<void(std::size_t orders)>;
// Called by it once, when the last order has ended and all threads and senders are still there.
using OnEnd = std::function<void()>;

// Sends all orders: the threads start together, each with a sender of its own, and none begins
// another order once `stop` is triggered. Returns when the last one has ended, with one record for
// each. `progress` and `end` may be empty. Throws std::system_error if the threads cannot be had.
std::vector<ThreadRecord> run(const RunPlan& plan, const OrderIds& ids, Strategy& strategy,
                              const std::stop_token& stop, const OnProgress& progress,
                              const OnEnd& end = {});

// From the first thread's start to the last one's end.
std::chrono::nanoseconds duration(const std::vector<ThreadRecord>& threads);

}  // namespace leasehold::stress
