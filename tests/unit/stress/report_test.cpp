// What leasehold-stress says about its runs: figures, table, JSON, exit status.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stress/figures.hpp"
#include "stress/report.hpp"

using namespace leasehold::stress;
using namespace std::chrono_literals;

namespace {

// A run of one thread whose orders took 1 µs each; all of them answered and in the ledger,
// unless changed.
struct Run {
  StrategyKind strategy = StrategyKind::pool;
  std::size_t planned = 4;
  std::vector<OrderFate> fates = std::vector<OrderFate>(4, OrderFate::answered);
  std::vector<std::size_t> forgotten{};  // by the ledger
  std::vector<std::string> strangers{};  // in the ledger, under these ids
  std::chrono::nanoseconds duration = 1s;
  LedgerReading::State state = LedgerReading::State::read;
  Use use = {.handshakes = {.engine = 1}, .connections = 2, .library_cpu = 4us, .memory = 3000};

  RunResult result() const {
    const OrderIds ids(1, 0xfeed, 0);
    std::vector<ThreadRecord> threads(1);
    LedgerReading reading{.state = state, .problem = "HTTP 404"};
    for (std::size_t index = 0; index < fates.size(); ++index) {
      threads[0].orders.push_back({.latency = 1us, .wait = 100ns, .fate = fates[index]});
      if (fates[index] != OrderFate::answered) ++threads[0].failures["no answer: Read"];
      if (std::ranges::find(forgotten, index) != forgotten.end()) continue;
      leasehold::paper::LedgerEntry entry;
      entry.client_order_id = ids.text({0, index});
      entry.outcome = leasehold::paper::OrderOutcome::committed;
      reading.ledger.push_back(std::move(entry));
    }
    for (const std::string& id : strangers) {
      leasehold::paper::LedgerEntry entry;
      entry.client_order_id = id;
      entry.outcome = leasehold::paper::OrderOutcome::committed;
      reading.ledger.push_back(std::move(entry));
    }
    threads[0].ended = threads[0].started + duration;
    threads[0].cpu = 8us;
    return evaluate(strategy, Requests::send,
                    {.threads = 1, .orders_per_thread = planned, .seed = 1}, 16, ids, threads,
                    reading, use);
  }
};

rapidjson::Document parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::vector<std::string> names(const rapidjson::Value& object) {
  std::vector<std::string> found;
  for (const auto& member : object.GetObject()) found.emplace_back(member.name.GetString());
  return found;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Figure& figure(std::string_view name) {
  return *std::ranges::find(figures(), name, &Figure::name);
}

}  // namespace

TEST_CASE("the JSON of a run has exactly its fields") {
  const auto json = parsed(report_json({Run().result()}));
  CHECK(names(json) == std::vector<std::string>{"strategy",
                                                "requests",
                                                "threads",
                                                "pool_size",
                                                "tenants",
                                                "seed",
                                                "orders",
                                                "answered",
                                                "refused",
                                                "not_sent",
                                                "in_doubt",
                                                "ledger_orders",
                                                "mixed_up",
                                                "missing",
                                                "duplicates",
                                                "received_not_sent",
                                                "committed_refused",
                                                "misdirected",
                                                "unknown",
                                                "named",
                                                "seconds",
                                                "orders_per_second",
                                                "latency_us",
                                                "wait_us",
                                                "handshakes",
                                                "connections",
                                                "cpu_us_per_order",
                                                "memory_bytes"});
  CHECK(names(json["named"]) == std::vector<std::string>{"mixed_up", "missing", "duplicates",
                                                         "received_not_sent", "committed_refused",
                                                         "misdirected", "unknown"});
  for (const auto& each : json["named"].GetObject()) CHECK(each.value.Empty());
  CHECK(names(json["latency_us"]) == std::vector<std::string>{"p50", "p99", "p99_9", "max"});
  CHECK(names(json["wait_us"]) == std::vector<std::string>{"p50", "p99", "p99_9", "max"});
  CHECK(names(json["handshakes"]) == std::vector<std::string>{"engine", "maintenance"});

  CHECK(std::string(json["strategy"].GetString()) == "pool");
  CHECK(json["threads"].GetUint() == 1);
  CHECK(json["pool_size"].GetUint() == 16);
  CHECK(json["orders"].GetUint() == 4);
  CHECK(json["answered"].GetUint() == 4);
  CHECK(json["ledger_orders"].GetUint() == 4);
  CHECK(json["missing"].GetUint() == 0);
  CHECK(json["duplicates"].GetUint() == 0);
  CHECK(json["mixed_up"].GetUint() == 0);
  CHECK(json["received_not_sent"].GetUint() == 0);
  CHECK(json["unknown"].GetUint() == 0);
  CHECK(json["seconds"].GetDouble() == doctest::Approx(1));
  CHECK(json["orders_per_second"].GetDouble() == doctest::Approx(4));
  CHECK(json["latency_us"]["p99_9"].GetDouble() == doctest::Approx(1));
  CHECK(json["wait_us"]["max"].GetDouble() == doctest::Approx(0.1));
  CHECK(json["handshakes"]["engine"].GetUint() == 1);
  CHECK(json["handshakes"]["maintenance"].GetUint() == 0);
  CHECK(json["connections"].GetUint() == 2);
  CHECK(json["cpu_us_per_order"].GetDouble() == doctest::Approx(3));  // (8 + 4) / 4
  CHECK(json["memory_bytes"].GetUint() == 3000);
}

TEST_CASE("what is not known is null in JSON, not zero") {
  const auto no_ledger =
      parsed(report_json({Run{.state = LedgerReading::State::not_kept}.result()}));
  CHECK(no_ledger["ledger_orders"].IsNull());
  CHECK(no_ledger["missing"].IsNull());
  CHECK(no_ledger["duplicates"].IsNull());
  CHECK(no_ledger["received_not_sent"].IsNull());
  CHECK(no_ledger["unknown"].IsNull());
  CHECK(no_ledger["mixed_up"].GetUint() == 0);
  CHECK(no_ledger["answered"].GetUint() == 4);

  const auto nothing = parsed(report_json({Run{.fates = {}, .duration = 0s}.result()}));
  CHECK(nothing["orders"].GetUint() == 0);
  CHECK(nothing["orders_per_second"].IsNull());
  CHECK(nothing["latency_us"]["p50"].IsNull());
  CHECK(nothing["cpu_us_per_order"].IsNull());

  // The threads' CPU is known, but not all of it.
  const auto unseen = parsed(report_json({Run{.use = {}}.result()}));
  CHECK(unseen["handshakes"]["engine"].IsNull());
  CHECK(unseen["connections"].IsNull());
  CHECK(unseen["cpu_us_per_order"].IsNull());
  CHECK(unseen["memory_bytes"].IsNull());
}

TEST_CASE("who waits for a channel's client is not known, and not said to be nobody") {
  const RunResult result = Run{.strategy = StrategyKind::channel}.result();
  CHECK(parsed(report_json({result}))["wait_us"]["p50"].IsNull());
  CHECK(contains(report_text({result}, "here"),
                 "\nwait for a lease p50, µs" + std::string(15, ' ') + "unknown\n"));
  for (const StrategyKind each : {StrategyKind::pool, StrategyKind::per_thread}) {
    CHECK(parsed(report_json({Run{.strategy = each}.result()}))["wait_us"]["p50"].IsNumber());
  }
}

TEST_CASE("only answered orders have a latency and count as throughput") {
  const RunResult result =
      Run{.fates = {OrderFate::answered, OrderFate::not_sent, OrderFate::in_doubt}}.result();
  CHECK(result.orders_per_second().value() == doctest::Approx(1));
  CHECK(result.wait.has_value());
  CHECK_FALSE(Run{.fates = {OrderFate::in_doubt}}.result().latency.has_value());
}

TEST_CASE("connections and memory are whole numbers in the report, too") {
  const std::string text = report_text({Run().result()}, "here");
  CHECK(contains(text, "\nconnections open at the end" + std::string(18, ' ') + "2\n"));
  CHECK(contains(text, "\nmemory, bytes" + std::string(28, ' ') + "3,000\n"));
}

TEST_CASE("several runs come with the ratios of their medians to the first strategy's") {
  const auto tuned = StrategyKind::per_thread_tuned;
  const std::vector<RunResult> runs = {
      Run{.duration = 1s}.result(), Run{.strategy = tuned, .duration = 2s}.result(),
      Run{.duration = 4s}.result(), Run{.strategy = tuned, .duration = 4s}.result(),
      Run{.duration = 2s}.result(), Run{.strategy = tuned, .duration = 8s}.result()};
  CHECK(strategies_in(runs) == std::vector{StrategyKind::pool, tuned});
  CHECK(median(figure("orders_per_second"), runs, StrategyKind::pool) == doctest::Approx(2));
  CHECK(median(figure("orders_per_second"), runs, tuned) == doctest::Approx(1));
  CHECK(ratio(figure("orders_per_second"), runs, tuned) == doctest::Approx(0.5));

  const auto json = parsed(report_json(runs));
  CHECK(names(json) == std::vector<std::string>{"runs", "ratios"});
  CHECK(json["runs"].Size() == 6);
  REQUIRE(json["ratios"].Size() == 1);
  const auto& ratios = json["ratios"][0];
  CHECK(std::string(ratios["strategy"].GetString()) == "per-thread-tuned");
  CHECK(std::string(ratios["to"].GetString()) == "pool");
  CHECK(ratios["orders_per_second"].GetDouble() == doctest::Approx(0.5));
  CHECK(ratios["latency_us_p50"].GetDouble() == doctest::Approx(1));
}

TEST_CASE("an interrupted run does not count for a median while there are complete ones") {
  const Run interrupted{.fates = {OrderFate::answered}, .duration = 10s};
  const std::vector<RunResult> runs = {Run().result(), interrupted.result()};
  CHECK(median(figure("orders_per_second"), runs, StrategyKind::pool) == doctest::Approx(4));
  CHECK(median(figure("orders_per_second"), std::vector{interrupted.result()},
               StrategyKind::pool) == doctest::Approx(0.1));
}

TEST_CASE("the report names the orders that are not where they must be, the first twenty of them") {
  Run run{.planned = 30, .fates = std::vector<OrderFate>(30, OrderFate::answered)};
  CHECK(contains(report_text({run.result()}, "here"), "exactly once"));

  for (std::size_t index = 5; index < 27; ++index) run.forgotten.push_back(index);
  const std::string text = report_text({run.result()}, "here");
  CHECK(contains(text, "MISSING, answered but not in the ledger: 22 orders"));
  CHECK(contains(text, "1-0000feed-0-00000-00000005"));
  CHECK(contains(text, "1-0000feed-0-00000-00000024"));
  CHECK_FALSE(contains(text, "1-0000feed-0-00000-00000025"));
  CHECK(contains(text, "and 2 more"));
  CHECK(contains(text, "The account does not add up."));
  CHECK_FALSE(contains(text, "exactly once"));
}

TEST_CASE("orders that are not where they must be are counted and named in JSON, too") {
  const auto json = parsed(report_json({Run{
      .fates = {OrderFate::answered, OrderFate::not_sent, OrderFate::mixed_up, OrderFate::answered},
      .forgotten = {0},
      .strangers = {"1-0000feed-0-00000-00000003", "",
                    "\x1b[2J \xc3\xa9 \""}}.result()}));
  const auto named = [&json](const char* name) {
    std::vector<std::string> ids;
    for (const auto& id : json["named"][name].GetArray()) ids.emplace_back(id.GetString());
    CHECK(json[name].GetUint() == ids.size());
    return ids;
  };
  using Ids = std::vector<std::string>;
  CHECK(named("missing") == Ids{"1-0000feed-0-00000-00000000"});
  CHECK(named("received_not_sent") == Ids{"1-0000feed-0-00000-00000001"});
  CHECK(named("mixed_up") == Ids{"1-0000feed-0-00000-00000002"});
  CHECK(named("duplicates") == Ids{"1-0000feed-0-00000-00000003"});
  CHECK(named("unknown") == Ids{"", "\x1b[2J \xc3\xa9 \""});

  Run run{.planned = 30, .fates = std::vector<OrderFate>(30, OrderFate::answered)};
  for (std::size_t index = 0; index < 30; ++index) run.forgotten.push_back(index);
  run.strangers = Ids(40, "x");
  const auto many = parsed(report_json({run.result()}));
  CHECK(many["missing"].GetUint() == 30);
  CHECK(many["named"]["missing"].Size() == 20);
  CHECK(many["unknown"].GetUint() == 40);
  CHECK(many["named"]["unknown"].Size() == 20);
}

TEST_CASE("what was received under an unknown id is quoted in the report, and cut when long") {
  const std::string text =
      report_text({Run{.strangers = {"\x1b]0;owned\x07", "a\nThe account adds up.", "",
                                     "\xc2\x9b"
                                     "2J",
                                     std::string(100'000, 'a')}}
                       .result()},
                  "here");
  CHECK(contains(text, "UNKNOWN, received but never sent: 5 orders\n"));
  CHECK(contains(text, R"(    "\x1b]0;owned\x07")"));
  CHECK(contains(text, R"(    "a\x0aThe account adds up.")"));
  CHECK(contains(text, "    \"\"\n"));
  CHECK(contains(text, R"(    "\xc2\x9b2J")"));
  CHECK(contains(text, "(100000 bytes)"));
  CHECK(text.size() < 5'000);
  CHECK(contains(text, "\nunknown" + std::string(38, ' ') + "5\n"));
  CHECK(contains(text, "The account does not add up."));
}

TEST_CASE("the report says why orders were not answered, and what the ledger knows of them") {
  const std::string text =
      report_text({Run{.fates = {OrderFate::answered, OrderFate::in_doubt, OrderFate::in_doubt},
                       .forgotten = {2}}
                       .result()},
                  "here");
  CHECK(contains(text, "not answered: 2 orders: no answer: Read"));
  CHECK(contains(text, "of those in doubt, in the ledger: 1"));
}

TEST_CASE("the report does not claim a ledger that it has not read") {
  const std::string none =
      report_text({Run{.state = LedgerReading::State::not_kept}.result()}, "here");
  CHECK(contains(none, "the server keeps no ledger (HTTP 404)"));
  CHECK_FALSE(contains(none, "exactly once"));
  const std::string failed =
      report_text({Run{.state = LedgerReading::State::failed}.result()}, "here");
  CHECK(contains(failed, "the ledger could not be read: HTTP 404"));
  CHECK_FALSE(contains(failed, "exactly once"));
}

TEST_CASE("the exit status says how it went, the worst first") {
  const RunResult good = Run().result();
  const RunResult in_doubt = Run{.fates = {OrderFate::in_doubt}}.result();
  const RunResult missing = Run{.forgotten = {0}}.result();
  const RunResult stranger = Run{.strangers = {"by-hand"}}.result();
  const RunResult no_ledger = Run{.state = LedgerReading::State::not_kept}.result();
  const RunResult unread = Run{.state = LedgerReading::State::failed}.result();

  CHECK(verdict({good, good}, false) == ExitStatus::all_answered);
  CHECK(verdict({no_ledger}, false) == ExitStatus::all_answered);
  CHECK(verdict({good, in_doubt}, false) == ExitStatus::not_all_answered);
  CHECK(verdict({good, unread}, false) == ExitStatus::not_all_answered);
  CHECK(verdict({in_doubt}, true) == ExitStatus::interrupted);
  CHECK(verdict({good, stranger}, false) == ExitStatus::does_not_add_up);
  CHECK(verdict({good, missing, in_doubt}, true) == ExitStatus::does_not_add_up);
}
