#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "leasehold/settings.hpp"
#include "stress/strategy.hpp"

namespace leasehold::stress {

// The command line, checked: what it holds can be run.
struct Options {
  std::size_t threads = 100;
  std::size_t orders_per_thread = 1000;
  std::vector<StrategyKind> strategies = {StrategyKind::pool};
  Requests requests = Requests::send;  // on leases
  std::size_t tenants = 0;             // with an account each; 0: no accounts
  std::size_t rounds = 1;
  std::uint64_t seed = 1;
  std::chrono::microseconds latency{0};  // of the embedded exchange
  ClientSettings client;                 // an empty origin: the exchange is embedded
  PoolSettings pool = {.name = "stress", .acquire_timeout = std::chrono::seconds(60)};
  std::string json_file;  // empty: none
};

// --help, in place of a run.
struct HelpWanted {
  std::string text;
};

// `arguments` without the program's name. Throws std::invalid_argument, whose what() names option,
// value and expectation:
//   --threads: "0": expected a whole number from 1 to 10000
std::variant<Options, HelpWanted> parse_options(std::span<const char* const> arguments);

}  // namespace leasehold::stress
