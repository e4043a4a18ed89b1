#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/rounds.hpp"
#include "order/measure.hpp"

namespace leasehold::bench {

// How many threads, sharing how many clients if they share, and how long the server takes.
struct Workload {
  const char* name;
  unsigned threads;
  unsigned clients;
  std::string_view path;

  bool somebody_waits() const { return threads > clients; }
  // Of a thread that has several orders under way.
  bool in_flight() const { return threads < clients; }
};

// Of raw, with as many threads as clients: who waits for none. Where that is not `raw` itself.
inline constexpr std::string_view kAlone = "raw_alone";

// Collects the figures of all rounds and makes them into medians, of ratios too.
class Report {
 public:
  void add(const Workload& workload, std::string_view contestant, unsigned connections,
           const Measured& measured);

  // Tables on standard output.
  void print(int rounds, double seconds) const;
  std::string json(int rounds, double seconds) const;

 private:
  // One contestant in one workload.
  struct Row {
    Workload workload;
    std::string contestant;
    unsigned connections;
    RoundFigures figures;
  };

  const Row* find(std::string_view workload, std::string_view contestant) const;
  // Its figures, and in each round their ratios to the yardsticks' that are there.
  RoundFigures with_ratios(const Row& row) const;
  void print(const Workload& workload) const;

  std::vector<Row> rows_;  // in the order of the first round
  std::uint64_t requests_ = 0;
};

}  // namespace leasehold::bench
