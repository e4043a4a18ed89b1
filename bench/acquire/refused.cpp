#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "acquire/pools.hpp"
#include "acquire/run_together.hpp"
#include "acquire/workloads.hpp"
#include "common/percentiles.hpp"
#include "leasehold/client_pool.hpp"

namespace leasehold::bench {
namespace {

// Made by the first round that needs it: building a client takes 0.2 ms and 30 KB.
class LazyPool {
 public:
  explicit LazyPool(unsigned size) : size_(size) {}

  leasehold::ClientPool& get() {
    if (!pool_)
      pool_ = std::make_unique<leasehold::ClientPool>(nowhere(), PoolSettings{.size = size_});
    return *pool_;
  }
  unsigned size() const { return size_; }

 private:
  const unsigned size_;
  std::unique_ptr<leasehold::ClientPool> pool_;
};

Clock::duration refusal(leasehold::ClientPool& pool) {
  const auto begin = Clock::now();
  const ClientLease none = pool.try_acquire();
  const auto end = Clock::now();
  if (none) throw std::logic_error("a client is idle that was to be leased");
  return end - begin;
}

// One thread has all clients, each taken past its entry in the queue, which is the worst case for
// who comes next; then it asks for one more, and again.
void run_refusals(benchmark::State& state, LazyPool& lazy, int refusals) {
  leasehold::ClientPool& pool = lazy.get();
  while (state.KeepRunningBatch(1)) {
    std::vector<ClientLease> all;
    all.reserve(lazy.size());
    while (all.size() < lazy.size()) all.push_back(pool.acquire());
    const auto first = refusal(pool);
    std::vector<std::chrono::nanoseconds> later;
    for (int i = 0; i < refusals; ++i) later.emplace_back(refusal(pool));
    const auto steady = stress::percentiles(std::move(later)).value();
    state.SetIterationTime(seconds(first));
    state.counters["first_us"] = seconds(first) * 1e6;
    state.counters["later_p50_us"] = seconds(steady.p50) * 1e6;
    state.counters["later_p99_us"] = seconds(steady.p99) * 1e6;
  }
}

}  // namespace

void register_refused(bool quick) {
  for (const unsigned size : {16U, 1024U, 65'536U}) {
    const unsigned clients = quick ? std::min(size, 1024U) : size;
    const auto pool = std::make_shared<LazyPool>(clients);
    const std::string name =
        "refused/c" + std::to_string(size) + "/" + static_cast<const char*>(Leasehold::kName);
    benchmark::RegisterBenchmark(
        name.c_str(),
        [pool, quick](benchmark::State& state) { run_refusals(state, *pool, quick ? 10 : 1000); })
        ->UseManualTime()
        ->Iterations(1);
  }
}

}  // namespace leasehold::bench
