#pragma once

#include <string>
#include <vector>

#include "stress/result.hpp"

namespace leasehold::stress {

// For a person: a table with the strategies side by side, the orders that are not where they must
// be, and what it comes to. `runs` must not be empty.
std::string report_text(const std::vector<RunResult>& runs, const std::string& venue);

// For a program: an object with the results of a single run, or one of several runs and the ratios
// of their medians to those of the first strategy. What is not known is null; of orders that are
// not where they must be, the first are named.
std::string report_json(const std::vector<RunResult>& runs);

}  // namespace leasehold::stress
