#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "stress/figures.hpp"
#include "stress/findings.hpp"
#include "stress/report.hpp"

namespace leasehold::stress {
namespace {

class Json {
 public:
  Json() { writer_.SetMaxDecimalPlaces(6); }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

  void key(std::string_view name) { writer_.Key(name.data(), length(name)); }
  void open(char bracket) { bracket == '{' ? writer_.StartObject() : writer_.StartArray(); }
  void close(char bracket) { bracket == '}' ? writer_.EndObject() : writer_.EndArray(); }

  void value(std::string_view text) { writer_.String(text.data(), length(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::uint64_t number) { writer_.Uint64(number); }
  void value(double number) { writer_.Double(number); }
  template <class Value>
  void value(const std::optional<Value>& known) {
    known ? value(*known) : static_cast<void>(writer_.Null());
  }

  template <class Value>
  void member(std::string_view name, const Value& its) {
    key(name);
    value(its);
  }

 private:
  static rapidjson::SizeType length(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void write_percentiles(Json& json, std::string_view name,
                       const std::optional<Percentiles>& samples) {
  const auto us = [&samples](auto percentile) -> std::optional<double> {
    if (!samples) return std::nullopt;
    return std::chrono::duration<double, std::micro>(*samples.*percentile).count();
  };
  json.key(name);
  json.open('{');
  json.member("p50", us(&Percentiles::p50));
  json.member("p99", us(&Percentiles::p99));
  json.member("p99_9", us(&Percentiles::p99_9));
  json.member("max", us(&Percentiles::max));
  json.close('}');
}

// How many of each, and the names of the first.
void write_findings(Json& json, const RunResult& run) {
  const std::vector<Finding> all = findings(run);
  for (const Finding& finding : all) json.member(finding.name, finding.orders);
  json.key("named");
  json.open('{');
  for (const Finding& finding : all) {
    json.key(finding.name);
    json.open('[');
    for (const std::string& id : finding.ids) json.value(id);
    json.close(']');
  }
  json.close('}');
}

void write_run(Json& json, const RunResult& run) {
  std::optional<std::uint64_t> ledger_orders;
  if (run.account.ledger) ledger_orders = run.account.ledger->orders;
  json.open('{');
  json.member("strategy", to_string(run.strategy));
  json.member("requests", to_string(run.requests));
  json.member("threads", run.plan.threads);
  json.member("pool_size", run.pool_size);
  json.member("tenants", run.tenants);
  json.member("seed", run.plan.seed);
  json.member("orders", run.account.orders);
  json.member("answered", run.account.answered);
  json.member("refused", run.account.refused);
  json.member("not_sent", run.account.not_sent);
  json.member("in_doubt", run.account.in_doubt);
  json.member("ledger_orders", ledger_orders);
  write_findings(json, run);
  json.member("seconds", run.seconds);
  json.member("orders_per_second", run.orders_per_second());
  write_percentiles(json, "latency_us", run.latency);
  write_percentiles(json, "wait_us", run.wait);
  json.key("handshakes");
  json.open('{');
  json.member("engine", run.use.handshakes.engine);
  json.member("maintenance", run.use.handshakes.maintenance);
  json.close('}');
  json.member("connections", run.use.connections);
  json.member("cpu_us_per_order", run.cpu_us_per_order);
  json.member("memory_bytes", run.use.memory);
  json.close('}');
}

void write_ratios(Json& json, const std::vector<RunResult>& runs) {
  for (const StrategyKind strategy : strategies_in(runs)) {
    if (strategy == runs.front().strategy) continue;
    json.open('{');
    json.member("strategy", to_string(strategy));
    json.member("to", to_string(runs.front().strategy));
    for (const Figure& figure : figures()) {
      if (!figure.name.empty()) json.member(figure.name, ratio(figure, runs, strategy));
    }
    json.close('}');
  }
}

}  // namespace

std::string report_json(const std::vector<RunResult>& runs) {
  Json json;
  if (runs.size() == 1) {
    write_run(json, runs.front());
  } else {
    json.open('{');
    json.key("runs");
    json.open('[');
    for (const RunResult& run : runs) write_run(json, run);
    json.close(']');
    json.key("ratios");
    json.open('[');
    write_ratios(json, runs);
    json.close(']');
    json.close('}');
  }
  return json.text() + '\n';
}

}  // namespace leasehold::stress
