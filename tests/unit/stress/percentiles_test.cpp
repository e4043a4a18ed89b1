// Percentiles and medians as leasehold-stress shows them.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include "common/percentiles.hpp"

using namespace leasehold::stress;
using std::chrono::nanoseconds;

namespace {

// 1, 2, ..., n in no order.
std::vector<nanoseconds> shuffled(int n) {
  std::vector<nanoseconds> samples;
  for (int value = 1; value <= n; ++value) samples.emplace_back(value);
  std::mt19937 random(5);  // NOLINT(cert-msc51-cpp): the same order every time
  std::ranges::shuffle(samples, random);
  return samples;
}

}  // namespace

TEST_CASE("no samples, no percentiles") { CHECK_FALSE(percentiles({}).has_value()); }

TEST_CASE("percentiles are samples, by nearest rank") {
  struct Row {
    int samples, p50, p99, p99_9;
  };
  for (const Row& row : {Row{1, 1, 1, 1}, Row{2, 1, 2, 2}, Row{3, 2, 3, 3}, Row{100, 50, 99, 100},
                         Row{101, 51, 100, 101}, Row{1000, 500, 990, 999},
                         Row{1001, 501, 991, 1000}, Row{100'000, 50'000, 99'000, 99'900}}) {
    CAPTURE(row.samples);
    const auto found = percentiles(shuffled(row.samples));
    REQUIRE(found.has_value());
    CHECK(found->p50.count() == row.p50);
    CHECK(found->p99.count() == row.p99);
    CHECK(found->p99_9.count() == row.p99_9);
    CHECK(found->max.count() == row.samples);
  }
}

TEST_CASE("the median is the value in the middle, or the mean of two") {
  CHECK(median({3}) == doctest::Approx(3));
  CHECK(median({5, 1, 3}) == doctest::Approx(3));
  CHECK(median({4, 1, 3, 100}) == doctest::Approx(3.5));
}
