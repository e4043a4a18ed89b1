#include "acquire/report.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "common/percentiles.hpp"

namespace leasehold::bench {
namespace {

constexpr const char* kOurs = "leasehold";
constexpr const char* kRival = "blocking_queue";

void add_once(std::vector<std::string>& list, const std::string& entry) {
  if (std::ranges::find(list, entry) == list.end()) list.push_back(entry);
}

}  // namespace

Report::Row& Report::row(const std::string& name) {
  const auto first = name.find('/');
  const auto second = name.find('/', first + 1);
  if (second == std::string::npos)
    throw std::logic_error("not workload/configuration/pool: " + name);
  Row wanted{.workload = name.substr(0, first),
             .configuration = name.substr(first + 1, second - first - 1),
             .pool = name.substr(second + 1),
             .figures = {}};
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.workload == wanted.workload && row.configuration == wanted.configuration &&
           row.pool == wanted.pool;
  });
  if (found != rows_.end()) return *found;
  return rows_.emplace_back(std::move(wanted));
}

const Report::Row* Report::find(const std::string& configuration, const std::string& pool) const {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.configuration == configuration && row.pool == pool;
  });
  return found != rows_.end() ? &*found : nullptr;
}

std::vector<std::string> Report::configurations(const std::string& workload) const {
  std::vector<std::string> all;
  for (const Row& row : rows_) {
    if (row.workload == workload) add_once(all, row.configuration);
  }
  return all;
}

std::vector<std::string> Report::pools(const std::string& workload) const {
  std::vector<std::string> all;
  for (const Row& row : rows_) {
    if (row.workload == workload) add_once(all, row.pool);
  }
  return all;
}

void Report::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    Row& into = row(run.run_name.function_name);
    if (into.workload == "uncontended") {
      into.figures["ns_per_pair"].push_back(run.GetAdjustedRealTime());
      into.figures["cpu_ns_per_pair"].push_back(run.GetAdjustedCPUTime());
    }
    for (const auto& [figure, value] : run.counters) into.figures[figure].push_back(value);
  }
}

void Report::print_pairs(const char* figure, const char* title) const {
  const auto columns = configurations("uncontended");
  if (columns.empty()) return;
  std::printf("%s\n\n", title);
  std::vector<std::vector<std::string>> lines(1, {"pool"});
  lines.front().insert(lines.front().end(), columns.begin(), columns.end());
  for (const std::string& pool : pools("uncontended")) {
    auto& cells = lines.emplace_back(1, pool);
    for (const std::string& configuration : columns) {
      const Row* const row = find(configuration, pool);
      if (row == nullptr) {
        cells.emplace_back(kMissing);
        continue;
      }
      const double value = stress::median(row->figures.at(figure));
      std::string cell = fixed(value, 1);
      if (const Row* const ours = find(configuration, kOurs)) {
        cell += " (" + fixed(value / stress::median(ours->figures.at(figure)), 2) + "x)";
      }
      cells.push_back(cell);
    }
  }
  print_table(lines);
}

void Report::print_contention(const std::string& configuration) const {
  std::vector<std::vector<std::string>> lines(
      1, {"pool", "leases/s", "/ " + std::string(kRival), "hold us", "ideal us", "p50", "p99",
          "p99.9", "max", "first/last"});
  const Row* const rival = find(configuration, kRival);
  for (const std::string& pool : pools("contended")) {
    const Row* const row = find(configuration, pool);
    if (row == nullptr) continue;
    const auto value = [row](const char* figure) {
      return stress::median(row->figures.at(figure));
    };
    const double rate = value("leases_per_second");
    lines.push_back(
        {pool, fixed(rate, 0),
         rival == nullptr ? kMissing
                          : fixed(rate / stress::median(rival->figures.at("leases_per_second")), 3),
         fixed(value("hold_us"), 0), fixed(value("ideal_wait_us"), 0), fixed(value("wait_p50"), 2),
         fixed(value("wait_p99"), 2), fixed(value("wait_p99_9"), 2), fixed(value("wait_max"), 2),
         fixed(value("first_over_last"), 2)});
  }
  std::printf("%s, contended: waits as multiples of the ideal, (threads/clients - 1) x hold\n\n",
              configuration.c_str());
  print_table(lines);
}

void Report::print_refusals() const {
  const auto sizes = configurations("refused");
  if (sizes.empty()) return;
  std::printf("refused: us until a pool that has nothing idle says so\n\n");
  std::vector<std::vector<std::string>> lines(1, {"clients", "first", "later, p50", "later, p99"});
  for (const std::string& size : sizes) {
    auto& cells = lines.emplace_back(1, size);
    for (const char* const figure : {"first_us", "later_p50_us", "later_p99_us"}) {
      cells.push_back(fixed(stress::median(find(size, kOurs)->figures.at(figure)), 2));
    }
  }
  print_table(lines);
}

void Report::print() const {
  print_pairs("ns_per_pair",
              "uncontended: ns a pair, all threads together (wall time / pairs); "
              "in brackets: times leasehold's");
  print_pairs("cpu_ns_per_pair", "uncontended: CPU ns a pair, of all threads");
  for (const std::string& configuration : configurations("contended")) {
    print_contention(configuration);
  }
  print_refusals();
}

std::string Report::json(int rounds, bool quick) const {
  rapidjson::StringBuffer buffer;
  Json out(buffer);
  out.StartObject();
  write_machine(out);
  out.Key("rounds");
  out.Int(rounds);
  out.Key("quick");
  out.Bool(quick);
  out.Key("rows");
  out.StartArray();
  for (const Row& row : rows_) {
    out.StartObject();
    write(out, "workload", row.workload);
    write(out, "configuration", row.configuration);
    write(out, "pool", row.pool);
    write(out, row.figures);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return buffer.GetString() + std::string("\n");
}

}  // namespace leasehold::bench
