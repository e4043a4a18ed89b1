#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace leasehold::stress {

// Exact, by nearest rank: the smallest sample that at least so many percent of all do not exceed.
struct Percentiles {
  std::chrono::nanoseconds p50, p99, p99_9, max;
};

// None if there are no samples.
std::optional<Percentiles> percentiles(std::vector<std::chrono::nanoseconds> samples);

// Of an even number, the mean of the two in the middle. `values` must not be empty.
double median(std::vector<double> values);

}  // namespace leasehold::stress
