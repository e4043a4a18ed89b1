#include "stress/figures.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace leasehold::stress {
namespace {

template <auto distribution, auto percentile>
std::optional<double> us(const RunResult& run) {
  const std::optional<Percentiles>& samples = run.*distribution;
  if (!samples) return std::nullopt;
  return std::chrono::duration<double, std::micro>(*samples.*percentile).count();
}

template <auto count>
std::optional<double> number(const RunResult& run) {
  const std::optional<std::uint64_t>& known = run.use.*count;
  if (!known) return std::nullopt;
  return static_cast<double>(*known);
}

constexpr auto latency = &RunResult::latency;
constexpr auto wait = &RunResult::wait;

constexpr std::array all_figures = {
    Figure{"seconds", "", [](const RunResult& run) { return std::optional(run.seconds); }},
    Figure{"orders per second", "orders_per_second",
           [](const RunResult& run) { return run.orders_per_second(); }},
    Figure{"latency p50, µs", "latency_us_p50", us<latency, &Percentiles::p50>},
    Figure{"latency p99, µs", "latency_us_p99", us<latency, &Percentiles::p99>},
    Figure{"latency p99.9, µs", "latency_us_p99_9", us<latency, &Percentiles::p99_9>},
    Figure{"latency max, µs", "latency_us_max", us<latency, &Percentiles::max>},
    Figure{"wait for a lease p50, µs", "", us<wait, &Percentiles::p50>},
    Figure{"wait for a lease p99, µs", "", us<wait, &Percentiles::p99>},
    Figure{"wait for a lease p99.9, µs", "", us<wait, &Percentiles::p99_9>},
    Figure{"wait for a lease max, µs", "", us<wait, &Percentiles::max>},
    Figure{"CPU per order, µs", "cpu_us_per_order",
           [](const RunResult& run) { return run.cpu_us_per_order; }},
    Figure{"connections open at the end", "", number<&Use::connections>, 0},
    Figure{"memory, bytes", "", number<&Use::memory>, 0},
};

}  // namespace

std::span<const Figure> figures() { return all_figures; }

std::vector<StrategyKind> strategies_in(std::span<const RunResult> runs) {
  std::vector<StrategyKind> kinds;
  for (const RunResult& run : runs) {
    if (std::ranges::find(kinds, run.strategy) == kinds.end()) kinds.push_back(run.strategy);
  }
  return kinds;
}

std::optional<double> median(const Figure& figure, std::span<const RunResult> runs,
                             StrategyKind strategy) {
  const bool any_complete = std::ranges::any_of(runs, [strategy](const RunResult& run) {
    return run.strategy == strategy && run.complete();
  });
  std::vector<double> values;
  for (const RunResult& run : runs) {
    if (run.strategy != strategy || (any_complete && !run.complete())) continue;
    const std::optional<double> value = figure.of(run);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  return median(std::move(values));
}

std::optional<double> ratio(const Figure& figure, std::span<const RunResult> runs,
                            StrategyKind strategy) {
  if (runs.empty()) return std::nullopt;
  const std::optional<double> value = median(figure, runs, strategy);
  const std::optional<double> first = median(figure, runs, runs.front().strategy);
  if (!value || !first || *first <= 0) return std::nullopt;
  return *value / *first;
}

}  // namespace leasehold::stress
