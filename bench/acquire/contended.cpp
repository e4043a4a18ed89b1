#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "acquire/pools.hpp"
#include "acquire/run_together.hpp"
#include "acquire/workloads.hpp"
#include "common/percentiles.hpp"

namespace leasehold::bench {
namespace {

struct Contention {
  unsigned threads;
  unsigned clients;
  std::chrono::microseconds hold;  // what is asked for; the ideal is computed from what it was
  unsigned leases_each;            // by each thread
};

struct Lease {
  Clock::duration wait;
  Clock::duration hold;
  Clock::time_point given_back;
};

// Every thread leases, holds and gives back, without a pause, leases_each times.
template <class Pool>
void run_leases(benchmark::State& state, const Contention& load) {
  Pool pool(load.clients);
  std::vector<std::vector<Lease>> by_thread(load.threads, std::vector<Lease>(load.leases_each));
  std::vector<Span> spans;
  while (state.KeepRunningBatch(state.max_iterations)) {
    spans = run_together(load.threads, [&](unsigned thread) {
      for (Lease& lease : by_thread[thread]) {
        const auto wished = Clock::now();
        Clock::time_point got;
        pool.with_client(thread, [&] {
          got = Clock::now();
          std::this_thread::sleep_for(load.hold);
          lease.given_back = Clock::now();
        });
        lease.wait = got - wished;
        lease.hold = lease.given_back - got;
      }
    });
    state.SetIterationTime(seconds(last_end(spans) - first_begin(spans)));
  }

  // Throughput counts while all threads are at it: once an unfair pool's first threads are done,
  // the others have the clients for themselves, and at the end there are too few to use them all.
  const auto begin = first_begin(spans);
  const auto end = first_end(spans);
  std::vector<std::chrono::nanoseconds> waits;
  double held = 0;
  double in_time = 0;
  for (const auto& leases : by_thread) {
    for (const Lease& lease : leases) {
      waits.push_back(lease.wait);
      held += seconds(lease.hold);
      if (lease.given_back <= end) ++in_time;
    }
  }
  const double hold = held / static_cast<double>(waits.size());
  const double ideal = (static_cast<double>(load.threads) / load.clients - 1) * hold;

  const auto waited = stress::percentiles(std::move(waits)).value();

  state.counters["leases_per_second"] = in_time / seconds(end - begin);
  state.counters["hold_us"] = hold * 1e6;
  state.counters["ideal_wait_us"] = ideal * 1e6;
  state.counters["wait_p50"] = seconds(waited.p50) / ideal;
  state.counters["wait_p99"] = seconds(waited.p99) / ideal;
  state.counters["wait_p99_9"] = seconds(waited.p99_9) / ideal;
  state.counters["wait_max"] = seconds(waited.max) / ideal;
  state.counters["first_over_last"] = seconds(end - begin) / seconds(last_end(spans) - begin);
}

template <class Pool>
void add(const Contention& load) {
  const std::string name = "contended/t" + std::to_string(load.threads) + "_c" +
                           std::to_string(load.clients) + "_h" + std::to_string(load.hold.count()) +
                           "us/" + Pool::kName;
  benchmark::RegisterBenchmark(name.c_str(),
                               [load](benchmark::State& state) { run_leases<Pool>(state, load); })
      ->UseManualTime()
      ->MeasureProcessCPUTime()
      ->Iterations(load.threads * load.leases_each);
}

}  // namespace

void register_contended(bool quick) {
  using std::chrono::microseconds;
  const Contention loads[] = {{100, 16, microseconds(1000), quick ? 5U : 200U},
                              {100, 8, microseconds(100), quick ? 5U : 800U}};
  for (const Contention& load : loads) {
    add<Leasehold>(load);
    add<BlockingQueue>(load);
    add<MutexLifo>(load);
    add<MutexFifo>(load);
  }
}

}  // namespace leasehold::bench
