#include "common/percentiles.hpp"

#include <algorithm>
#include <cstddef>

namespace leasehold::stress {

std::optional<Percentiles> percentiles(std::vector<std::chrono::nanoseconds> samples) {
  if (samples.empty()) return std::nullopt;
  std::ranges::sort(samples);
  const auto at = [&samples](std::size_t per_mille) {
    const std::size_t rank = (samples.size() * per_mille + 999) / 1000;  // rounded up, from 1
    return samples[rank - 1];
  };
  return Percentiles{at(500), at(990), at(999), samples.back()};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace leasehold::stress
