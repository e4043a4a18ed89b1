#include "order/measure.hpp"

#include <sys/resource.h>

#include <atomic>
#include <barrier>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "common/percentiles.hpp"

namespace leasehold::bench {
namespace {

std::chrono::microseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto span = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return span(usage.ru_utime) + span(usage.ru_stime);
}

struct Instant {
  static Instant now() { return {.time = Clock::now(), .cpu = cpu_time()}; }
  Clock::time_point time;
  std::chrono::microseconds cpu;
};

double in_us(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1000; }

// The first exception of several threads.
class FirstFailure {
 public:
  void keep(std::exception_ptr failure) {
    if (!seen_.exchange(true)) failure_ = std::move(failure);
  }
  bool seen() const { return seen_.load(std::memory_order_relaxed); }
  // After the threads have ended.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::atomic<bool> seen_{false};
  std::exception_ptr failure_;  // written by the one that set it, read after it was joined
};

struct Samples {
  std::vector<std::chrono::nanoseconds> latencies;
  std::uint64_t before = 0;  // requests to warm up
};

}  // namespace

Measured measure(Contestant& contestant, unsigned threads, std::chrono::duration<double> time,
                 const std::stop_token& stop) {
  FirstFailure failure;
  std::vector<Samples> samples(threads);
  std::vector<Instant> instants;
  instants.reserve(3);
  // The last thread to come reads clocks for all.
  const auto note = [&instants]() noexcept { instants.push_back(Instant::now()); };
  std::barrier together(static_cast<std::ptrdiff_t>(threads), note);

  // Sends from the latest instant on; calls told(latency) for each answer.
  const auto send_for = [&](std::chrono::duration<double> how_long, unsigned thread, auto told) {
    try {
      Clock::time_point begin = instants.back().time;
      const auto end = begin + std::chrono::duration_cast<Clock::duration>(how_long);
      begin = Clock::now();
      while (begin < end && !failure.seen() && !stop.stop_requested()) {
        const auto latency = contestant.post(thread);
        const Clock::time_point answered = Clock::now();
        const Clock::duration since = answered - std::exchange(begin, answered);
        told(latency.value_or(since));
      }
    } catch (...) {
      failure.keep(std::current_exception());
    }
  };
  const auto work = [&](unsigned thread) {
    Samples& own = samples[thread];
    together.arrive_and_wait();
    send_for(time / 10, thread, [&own](Clock::duration) { ++own.before; });
    own.latencies.reserve(own.before * 11 + 64);
    together.arrive_and_wait();
    send_for(time, thread, [&own](Clock::duration latency) { own.latencies.push_back(latency); });
    together.arrive_and_wait();
  };
  {
    std::vector<std::jthread> others;
    try {
      while (others.size() + 1 < threads) {
        others.emplace_back(work, static_cast<unsigned>(others.size()) + 1);
      }
    } catch (...) {  // those that are there must not wait for the others
      failure.keep(std::current_exception());
      for (auto there = others.size() + 1; there < threads; ++there) together.arrive_and_drop();
    }
    work(0);
  }
  failure.rethrow();

  std::vector<std::chrono::nanoseconds> all;
  std::uint64_t requests = 0;
  for (const Samples& own : samples) {
    all.insert(all.end(), own.latencies.begin(), own.latencies.end());
    requests += own.before + own.latencies.size();
  }
  if (all.empty()) return {};  // stopped
  const auto count = static_cast<double>(all.size());
  const Instant& begin = instants.at(1);
  const Instant& end = instants.at(2);
  const stress::Percentiles latency = stress::percentiles(std::move(all)).value();
  return {
      .requests_per_second = count / std::chrono::duration<double>(end.time - begin.time).count(),
      .cpu_us_per_request = in_us(end.cpu - begin.cpu) / count,
      .p50_us = in_us(latency.p50),
      .p99_us = in_us(latency.p99),
      .max_us = in_us(latency.max),
      .requests = requests};
}

}  // namespace leasehold::bench
