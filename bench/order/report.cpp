#include "order/report.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstddef>
#include <cstdio>

#include "common/percentiles.hpp"
#include "order/order.hpp"

namespace leasehold::bench {
namespace {

// What the others are held against.
constexpr const char* kYardsticks[] = {"raw", "tuned", kAlone.data()};

struct Column {
  const char* title;
  const char* figure;
  int digits;
};

constexpr Column kColumns[] = {{"req/s", "requests_per_second", 0},
                               {"/ raw", "rate_over_raw", 2},
                               {"/ tuned", "rate_over_tuned", 2},
                               {"CPU us", "cpu_us_per_request", 1},
                               {"/ raw", "cpu_over_raw", 2},
                               {"/ tuned", "cpu_over_tuned", 2},
                               {"p50 us", "p50_us", 0},
                               {"p99 us", "p99_us", 0},
                               {"max us", "max_us", 0}};
// Where threads wait for clients.
constexpr Column kInLine[] = {{"req/s / alone", "rate_over_raw_alone", 2},
                              {"CPU / alone", "cpu_over_raw_alone", 2},
                              {"p50 / ideal", "p50_over_ideal", 2},
                              {"p99 / ideal", "p99_over_ideal", 2},
                              {"max / ideal", "max_over_ideal", 2}};
// Where one has several orders under way.
constexpr Column kInFlight[] = {{"req/s", "requests_per_second", 0},
                                {"/ alone", "rate_over_raw_alone", 2},
                                {"CPU us", "cpu_us_per_request", 1},
                                {"/ alone", "cpu_over_raw_alone", 2},
                                {"p50 us", "p50_us", 0},
                                {"p99 us", "p99_us", 0},
                                {"max us", "max_us", 0}};

}  // namespace

void Report::add(const Workload& workload, std::string_view contestant, unsigned connections,
                 const Measured& measured) {
  auto row = std::ranges::find_if(rows_, [&](const Row& each) {
    return std::string_view(each.workload.name) == workload.name && each.contestant == contestant;
  });
  if (row == rows_.end()) {
    rows_.push_back({.workload = workload,
                     .contestant = std::string(contestant),
                     .connections = connections,
                     .figures = {}});
    row = std::prev(rows_.end());
  }
  row->figures["requests_per_second"].push_back(measured.requests_per_second);
  row->figures["cpu_us_per_request"].push_back(measured.cpu_us_per_request);
  row->figures["p50_us"].push_back(measured.p50_us);
  row->figures["p99_us"].push_back(measured.p99_us);
  row->figures["max_us"].push_back(measured.max_us);
  requests_ += measured.requests;
}

const Report::Row* Report::find(std::string_view workload, std::string_view contestant) const {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.workload.name == workload && row.contestant == contestant;
  });
  return found != rows_.end() ? &*found : nullptr;
}

RoundFigures Report::with_ratios(const Row& row) const {
  RoundFigures all = row.figures;
  const auto rounds = row.figures.at("p50_us").size();
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto of = [round](const Row& from, const char* figure) {
      return from.figures.at(figure)[round];
    };
    for (const char* const yardstick : kYardsticks) {
      const Row* const other = find(row.workload.name, yardstick);
      if (other == nullptr) continue;
      const auto compare = [&](const char* name, const char* figure) {
        all[name + std::string("_over_") + yardstick].push_back(of(row, figure) /
                                                                of(*other, figure));
      };
      compare("rate", "requests_per_second");
      compare("cpu", "cpu_us_per_request");
    }
    const Row* const alone = find(row.workload.name, kAlone);
    if (alone == nullptr || row.contestant == kAlone || !row.workload.somebody_waits()) continue;
    // So many are in line and being served, and so many are served in a second.
    const double ideal_us = row.workload.threads / of(*alone, "requests_per_second") * 1e6;
    all["ideal_us"].push_back(ideal_us);
    all["p50_over_ideal"].push_back(of(row, "p50_us") / ideal_us);
    all["p99_over_ideal"].push_back(of(row, "p99_us") / ideal_us);
    all["max_over_ideal"].push_back(of(row, "max_us") / ideal_us);
  }
  return all;
}

void Report::print(const Workload& workload) const {
  std::vector<Column> columns(std::begin(kColumns), std::end(kColumns));
  if (workload.in_flight()) columns.assign(std::begin(kInFlight), std::end(kInFlight));
  if (workload.somebody_waits()) {
    columns.insert(columns.end(), std::begin(kInLine), std::end(kInLine));
  }
  std::vector<std::vector<std::string>> lines(1, {workload.name, "connections"});
  for (const Column& column : columns) lines.front().emplace_back(column.title);
  for (const Row& row : rows_) {
    if (std::string_view(row.workload.name) != workload.name) continue;
    auto& cells = lines.emplace_back(
        std::vector<std::string>{row.contestant, std::to_string(row.connections)});
    const RoundFigures figures = with_ratios(row);
    for (const Column& column : columns) {
      const auto figure = figures.find(column.figure);
      cells.push_back(figure == figures.end()
                          ? kMissing
                          : fixed(stress::median(figure->second), column.digits));
    }
  }
  print_table(lines);
}

void Report::print(int rounds, double seconds) const {
  std::printf(
      "POST of %zu bytes to nginx over TLS 1.3, answered with %zu; medians of rounds (%d), each of "
      "%g s\n\n",
      kOrder.size(), kAnswer.size(), rounds, seconds);
  std::string_view last;
  for (const Row& row : rows_) {
    if (row.workload.name != last) print(row.workload);
    last = row.workload.name;
  }
  std::printf("%" PRIu64 " requests in all, those to warm up included; each was answered\n",
              requests_);
}

std::string Report::json(int rounds, double seconds) const {
  rapidjson::StringBuffer buffer;
  Json out(buffer);
  out.StartObject();
  write_machine(out);
  out.Key("rounds");
  out.Int(rounds);
  out.Key("seconds");
  out.Double(seconds);
  out.Key("requests");
  out.Uint64(requests_);
  out.Key("rows");
  out.StartArray();
  for (const Row& row : rows_) {
    out.StartObject();
    write(out, "workload", row.workload.name);
    write(out, "contestant", row.contestant);
    out.Key("threads");
    out.Uint(row.contestant == kAlone ? row.workload.clients : row.workload.threads);
    out.Key("connections");
    out.Uint(row.connections);
    write(out, with_ratios(row));
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return buffer.GetString() + std::string("\n");
}

}  // namespace leasehold::bench
