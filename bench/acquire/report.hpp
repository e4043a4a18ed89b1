#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "common/rounds.hpp"

namespace leasehold::bench {

// Collects the runs of all rounds and makes them into medians and ratios of medians.
class Report : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;

  bool empty() const noexcept { return rows_.empty(); }
  // Tables on standard output.
  void print() const;
  std::string json(int rounds, bool quick) const;

 private:
  // One pool in one configuration of one workload.
  struct Row {
    std::string workload;
    std::string configuration;
    std::string pool;
    RoundFigures figures;
  };

  Row& row(const std::string& name);
  const Row* find(const std::string& configuration, const std::string& pool) const;
  std::vector<std::string> configurations(const std::string& workload) const;
  std::vector<std::string> pools(const std::string& workload) const;
  void print_pairs(const char* figure, const char* title) const;
  void print_refusals() const;
  void print_contention(const std::string& configuration) const;

  std::vector<Row> rows_;  // in the order of the first round
};

}  // namespace leasehold::bench
