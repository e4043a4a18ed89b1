#include <benchmark/benchmark.h>

#include <string>

#include "acquire/pools.hpp"
#include "acquire/run_together.hpp"
#include "acquire/workloads.hpp"

namespace leasehold::bench {
namespace {

// Google Benchmark's iterations are pairs, and its time is set by hand to the wall time from the
// first thread's begin to the last one's end: so what it reports is ns a pair, all threads
// together. (Its own Threads(n) averages the threads' times, which is too little as soon as there
// are more threads than cores: they run one after another, and each counts only its own part.)
template <class Pool>
void run_pairs(benchmark::State& state, unsigned threads) {
  const auto pairs = state.max_iterations;
  const auto pairs_each = (pairs + threads - 1) / threads;
  Pool pool(threads);
  while (state.KeepRunningBatch(pairs)) {
    const auto spans = run_together(threads, [&](unsigned thread) {
      for (auto i = pairs_each; i != 0; --i) {
        pool.with_client(thread, [] { benchmark::ClobberMemory(); });
      }
    });
    const double wall = seconds(last_end(spans) - first_begin(spans));
    state.SetIterationTime(wall * static_cast<double>(pairs) /
                           static_cast<double>(pairs_each * threads));
  }
}

template <class Pool>
void add(unsigned threads, bool quick, const std::string& more = {}) {
  const std::string size = std::to_string(threads);
  const std::string name = "uncontended/t" + size + "_c" + size + more + "/" + Pool::kName;
  benchmark::RegisterBenchmark(
      name.c_str(), [threads](benchmark::State& state) { run_pairs<Pool>(state, threads); })
      ->UseManualTime()
      ->MeasureProcessCPUTime()
      ->MinTime(quick ? 0.001 : 0.25);
}

}  // namespace

void register_uncontended(bool quick) {
  for (const unsigned threads : {1U, 2U, 8U, 100U}) {
    add<Leasehold>(threads, quick);
    add<PerThread>(threads, quick);
    add<BlockingQueue>(threads, quick);
    add<MutexLifo>(threads, quick);
    add<MutexFifo>(threads, quick);
    add<TokenPair>(threads, quick);
    add<Atomics>(threads, quick);
  }
  add<LeaseholdTimes<4>>(2, quick, "_p4");
  add<LeaseholdTimes<8>>(2, quick, "_p8");
}

}  // namespace leasehold::bench
