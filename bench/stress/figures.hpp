#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stress/result.hpp"

namespace leasehold::stress {

// What a strategy is measured by: one number of a run.
struct Figure {
  std::string_view label;  // in the table
  std::string_view name;   // of its ratio in JSON; empty: a ratio would tell nothing
  std::optional<double> (*of)(const RunResult& run);
  int most_decimals = 3;  // in the table
};

std::span<const Figure> figures();

// The strategies that ran, in the order of their first runs.
std::vector<StrategyKind> strategies_in(std::span<const RunResult> runs);

// Over the complete runs of a strategy, or over all if none is complete; none if one of them lacks
// the figure.
std::optional<double> median(const Figure& figure, std::span<const RunResult> runs,
                             StrategyKind strategy);

// That median over the first strategy's.
std::optional<double> ratio(const Figure& figure, std::span<const RunResult> runs,
                            StrategyKind strategy);

}  // namespace leasehold::stress
