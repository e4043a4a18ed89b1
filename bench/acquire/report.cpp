#include "acquire/report.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "common/percentiles.hpp"

namespace leasehold::bench {
namespace {

constexpr const char* kOurs = "leasehold";
constexpr const char* kRival = "blocking_queue";
constexpr const char* kMissing = "-";  // left out by a filter

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Markdown that is aligned for the terminal too: the first column to the left, figures to the
// right.
void print_table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  bool head = true;
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(widths[i] - cells[i].size(), ' ');
      line += "| " + (i == 0 ? cells[i] + gap : gap + cells[i]) + " ";
    }
    std::printf("%s|\n", line.c_str());
    if (!head) continue;
    head = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::printf("|%s%s", std::string(widths[i] + 1, '-').c_str(), i == 0 ? "-" : ":");
    }
    std::printf("|\n");
  }
  std::printf("\n");
}

void add_once(std::vector<std::string>& list, const std::string& entry) {
  if (std::ranges::find(list, entry) == list.end()) list.push_back(entry);
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto value = line.find(": ");
    if (value != std::string::npos) return line.substr(value + 2);
  }
  return "unknown";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
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
  rapidjson::PrettyWriter<rapidjson::StringBuffer> out(buffer);
  const auto key = [&out](const std::string& name) { out.Key(name.c_str()); };
  const auto text = [&](const char* name, const std::string& value) {
    key(name);
    out.String(value.c_str());
  };
  out.StartObject();
  text("processor", processor());
  key("processors");
  out.Int(benchmark::CPUInfo::Get().num_cpus);
  text("compiler", __VERSION__);
  text("date", today());
  key("rounds");
  out.Int(rounds);
  key("quick");
  out.Bool(quick);
  key("rows");
  out.StartArray();
  for (const Row& row : rows_) {
    out.StartObject();
    text("workload", row.workload);
    text("configuration", row.configuration);
    text("pool", row.pool);
    for (const auto& [figure, values] : row.figures) {
      key(figure);
      out.StartObject();
      key("median");
      out.Double(stress::median(values));
      key("rounds");
      out.StartArray();
      for (const double value : values) out.Double(value);
      out.EndArray();
      out.EndObject();
    }
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return buffer.GetString() + std::string("\n");
}

}  // namespace leasehold::bench
