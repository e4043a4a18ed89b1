#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stress/result.hpp"

namespace leasehold::stress {

// One way in which orders of a run are not where they must be.
struct Finding {
  std::string_view heading;           // in the report
  std::string_view name;              // in JSON
  std::optional<std::size_t> orders;  // none if only a ledger could tell, and there is none
  std::vector<std::string> ids;       // of the first of them
  bool from_server = false;           // the ids are a server's words: whatever they contain

  static constexpr std::size_t kMostIds = 20;
};

// All of them, those included that nothing was found of.
std::vector<Finding> findings(const RunResult& run);

}  // namespace leasehold::stress
