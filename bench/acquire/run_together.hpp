#pragma once

#include <algorithm>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

namespace leasehold::bench {

using Clock = std::chrono::steady_clock;

// When a thread began and ended its work.
struct Span {
  Clock::time_point begin;
  Clock::time_point end;
};

// Calls body(0) … body(threads - 1), each in a thread of its own, none before all are there.
template <class Body>
std::vector<Span> run_together(unsigned threads, Body body) {
  std::vector<Span> spans(threads);
  std::latch all_there(threads);
  {
    std::vector<std::jthread> team;
    team.reserve(threads);
    for (unsigned thread = 0; thread < threads; ++thread) {
      team.emplace_back([&, thread] {
        all_there.arrive_and_wait();
        const auto begin = Clock::now();
        body(thread);
        spans[thread] = {.begin = begin, .end = Clock::now()};
      });
    }
  }
  return spans;
}

inline Clock::time_point first_begin(const std::vector<Span>& spans) {
  return std::ranges::min(spans, {}, &Span::begin).begin;
}
inline Clock::time_point first_end(const std::vector<Span>& spans) {
  return std::ranges::min(spans, {}, &Span::end).end;
}
inline Clock::time_point last_end(const std::vector<Span>& spans) {
  return std::ranges::max(spans, {}, &Span::end).end;
}

inline double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace leasehold::bench
