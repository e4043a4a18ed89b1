// The command line of leasehold-stress.
#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "stress/options.hpp"

using namespace leasehold::stress;
using namespace std::chrono_literals;

namespace {

Options parsed(const std::vector<const char*>& arguments) {
  return std::get<Options>(parse_options(arguments));
}

std::string refusal(const std::vector<const char*>& arguments) {
  try {
    parse_options(arguments);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("without options it is the main job") {
  const Options options = parsed({});
  CHECK(options.threads == 100);
  CHECK(options.orders_per_thread == 1000);
  CHECK(options.pool.size == 16);
  CHECK(options.pool.acquire_timeout == 60s);
  CHECK(options.client.connect_timeout == 2s);
  CHECK(options.client.request_timeout == 5s);
  CHECK(options.strategies == std::vector{StrategyKind::pool});
  CHECK(options.requests == Requests::send);
  CHECK(options.rounds == 1);
  CHECK(options.seed == 1);
  CHECK(options.latency == 0us);
  CHECK(options.client.origin.empty());
  CHECK(options.json_file.empty());
}

TEST_CASE("each option is taken, with a space or an equals sign") {
  const Options options =
      parsed({"--threads", "3", "--orders-per-thread=4", "--pool-size", "5", "--strategy",
              "per-thread-tuned,pool,shared-mutex,per-thread-naive", "--requests", "plain",
              "--rounds=6", "--seed", "18446744073709551615", "--acquire-timeout", "7ms",
              "--connect-timeout=8ms", "--request-timeout", "9ms", "--json", "out.json"});
  CHECK(options.threads == 3);
  CHECK(options.orders_per_thread == 4);
  CHECK(options.pool.size == 5);
  CHECK(options.strategies == std::vector{StrategyKind::per_thread_tuned, StrategyKind::pool,
                                          StrategyKind::shared_mutex,
                                          StrategyKind::per_thread_naive});
  CHECK(options.requests == Requests::plain);
  CHECK(options.rounds == 6);
  CHECK(options.seed == 18446744073709551615U);
  CHECK(options.pool.acquire_timeout == 7ms);
  CHECK(options.client.connect_timeout == 8ms);
  CHECK(options.client.request_timeout == 9ms);
  CHECK(options.json_file == "out.json");

  const Options remote = parsed({"--origin", "https://localhost:8443", "--ca-file", "ca.pem"});
  CHECK(remote.client.origin == "https://localhost:8443");
  CHECK(remote.client.ca_file == "ca.pem");
}

TEST_CASE("all strategies run in their order, with few orders unless they are given") {
  const std::vector everyone = {
      StrategyKind::pool,         StrategyKind::per_thread,       StrategyKind::channel,
      StrategyKind::shared_mutex, StrategyKind::per_thread_naive, StrategyKind::per_thread_tuned};
  const Options all = parsed({"--strategy", "all"});
  CHECK(all.strategies == everyone);
  CHECK(all.threads == 100);
  CHECK(all.orders_per_thread == 10);
  CHECK(parsed({"--orders-per-thread", "1000", "--strategy", "all"}).orders_per_thread == 1000);
  CHECK(parsed({"--strategy", "per-thread,channel"}).orders_per_thread == 1000);
}

TEST_CASE("requests on leases may be cpp-httplib's") {
  const Options options = parsed({"--requests", "plain", "--strategy", "per-thread,pool"});
  CHECK(options.requests == Requests::plain);
  for (const StrategyKind each : options.strategies) {
    CHECK(requests_by(each, options.requests) == Requests::plain);
    CHECK(requests_by(each, Requests::send) == Requests::send);
  }
}

TEST_CASE("no thread is refused for want of a place in line") {
  CHECK(parsed({"--threads", "10000", "--orders-per-thread", "1"}).pool.max_waiting >= 10'000);
}

TEST_CASE("a latency has a unit") {
  CHECK(parsed({"--latency", "0ms"}).latency == 0us);
  CHECK(parsed({"--latency", "500us"}).latency == 500us);
  CHECK(parsed({"--latency", "2ms"}).latency == 2ms);
  CHECK(parsed({"--latency", "4s"}).latency == 4s);
}

TEST_CASE("what is wrong is said with option, value and expectation") {
  struct Row {
    std::vector<const char*> arguments;
    std::string message;
  };
  const std::string latency = "a whole number and its unit (us, ms or s), from 0ms to 4s";
  const std::string strategies =
      "all, or some of pool, per-thread, channel, shared-mutex, per-thread-naive, "
      "per-thread-tuned, each once, separated by commas";
  const std::string send =
      "expected send, with channel in --strategy: a channel has no leases for cpp-httplib's calls";
  const std::vector<Row> rows = {
      {{"--threads", "0"}, R"(--threads: "0": expected a whole number from 1 to 10000)"},
      {{"--threads", "10001"}, R"(--threads: "10001": expected a whole number from 1 to 10000)"},
      {{"--threads=-1"}, R"(--threads: "-1": expected a whole number from 1 to 10000)"},
      {{"--threads", "1e3"}, R"(--threads: "1e3": expected a whole number from 1 to 10000)"},
      {{"--threads", "99999999999999999999"},
       R"(--threads: "99999999999999999999": expected a whole number from 1 to 10000)"},
      {{"--orders-per-thread", "x"},
       R"(--orders-per-thread: "x": expected a whole number from 1 to 10000000)"},
      {{"--threads", "101", "--orders-per-thread", "100000"},
       R"(--orders-per-thread: "100000": expected at most 10000000 orders of all threads )"
       "together"},
      {{"--pool-size", "0"}, R"(--pool-size: "0": expected a whole number from 1 to 65536)"},
      {{"--rounds", "101"}, R"(--rounds: "101": expected a whole number from 1 to 100)"},
      {{"--seed", "18446744073709551616"},
       R"(--seed: "18446744073709551616": expected a whole number from 0 to )"
       "18446744073709551615"},
      {{"--acquire-timeout", "5"},
       R"(--acquire-timeout: "5": expected a whole number and its unit (ms, s, m or h), )"
       "from 0ms to 1h"},
      {{"--latency", "2"}, R"(--latency: "2": expected )" + latency},
      {{"--latency", "2m"}, R"(--latency: "2m": expected )" + latency},
      {{"--latency", "4001ms"}, R"(--latency: "4001ms": expected )" + latency},
      {{"--latency=-1ms"}, R"(--latency: "-1ms": expected )" + latency},
      {{"--latency", "9223372036854775807s"},
       R"(--latency: "9223372036854775807s": expected )" + latency},
      {{"--strategy", "pools"}, R"(--strategy: "pools": expected )" + strategies},
      {{"--strategy", "pool,"}, R"(--strategy: "pool,": expected )" + strategies},
      {{"--strategy", "pool,pool"}, R"(--strategy: "pool,pool": expected )" + strategies},
      {{"--strategy", "all,pool"}, R"(--strategy: "all,pool": expected )" + strategies},
      {{"--strategy", "pool,all"}, R"(--strategy: "pool,all": expected )" + strategies},
      {{"--strategy", "channel", "--requests", "plain"}, R"(--requests: "plain": )" + send},
      {{"--requests=plain", "--strategy=pool,channel"}, R"(--requests: "plain": )" + send},
      {{"--strategy", "all", "--requests", "plain"}, R"(--requests: "plain": )" + send},
      {{"--requests", "raw"}, R"(--requests: "raw": expected send, plain or trading)"},
      {{"--requests", "trading", "--tenants", "0"},
       R"(--tenants: "0": expected 1 or more, with --requests trading)"},
      {{"--tenants", "1001"}, R"(--tenants: "1001": expected a whole number from 0 to 1000)"},
      {{"--tenants", "3", "--origin", "https://x"},
       R"(--tenants: "3": expected 0 with --origin: only the embedded exchange has)"},
      {{"--requests", "trading", "--origin", "https://x"},
       R"(--requests: "trading": expected send or plain, with --origin: only the)"},
      {{"--origin", "http://x"}, R"(--origin: "http://x": expected )"},
      {{"--ca-file", "ca.pem"},
       R"(--ca-file: "ca.pem": expected --origin, too: the embedded exchange vouches for itself)"},
      {{"--origin", "https://x", "--latency", "0ms"},
       R"(--latency: "0ms": expected no --origin: only the embedded exchange has it)"},
      {{"--json", ""}, R"(--json: "": expected a path)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.arguments);
    const std::string message = refusal(row.arguments);
    CAPTURE(message);
    CHECK(message.starts_with(row.message));
  }
}

TEST_CASE("what is no option, lacks its value or is there twice is refused by name") {
  CHECK(refusal({"--thread", "3"}).find("--thread") != std::string::npos);
  CHECK(refusal({"extra"}).find("extra") != std::string::npos);
  CHECK(refusal({"--threads"}).find("--threads") != std::string::npos);
  CHECK(refusal({"--threads", "1", "--threads", "2"}).find("--threads") != std::string::npos);
}

TEST_CASE("a credential on the command line is not repeated, whichever option it is given to") {
  for (const std::string text :
       {"https://svc:hunter2@host", "https:/svc:hunter2@host", "https//svc:hunter2%40host",
        "svc:hunter2@host", "https://svc:hunter2", "https://host?token=hunter2"}) {
    for (const std::string option :
         {"--origin", "--orgin", "--threads", "--orders-per-thread", "--pool-size", "--strategy",
          "--requests", "--tenants", "--rounds", "--seed", "--acquire-timeout", "--connect-timeout",
          "--request-timeout", "--latency", "--ca-file", "--help", "-x", "-"}) {
      const std::string joined = option + '=' + text;
      for (const std::string& message :
           {refusal({option.c_str(), text.c_str()}), refusal({joined.c_str()}),
            refusal({text.c_str(), option.c_str()}), refusal({joined.c_str(), joined.c_str()})}) {
        CAPTURE(message);
        CHECK(message.find("unter") == std::string::npos);
      }
    }
  }
}

TEST_CASE("help names every option, strategy and exit status") {
  const auto wanted = parse_options(std::vector{"--help"});
  REQUIRE(std::holds_alternative<HelpWanted>(wanted));
  const std::string& help = std::get<HelpWanted>(wanted).text;
  for (const char* word : {"--threads",
                           "--orders-per-thread",
                           "--pool-size",
                           "--strategy",
                           "--requests",
                           "--tenants",
                           "--rounds",
                           "--seed",
                           "--acquire-timeout",
                           "--latency",
                           "--origin",
                           "--ca-file",
                           "--json",
                           "shared-mutex",
                           "per-thread-naive",
                           "per-thread-tuned",
                           "per-thread ",
                           "channel ",
                           "With all",
                           "missing, twice, unknown or misdirected",
                           "in doubt",
                           "not sent",
                           "130"}) {
    CAPTURE(word);
    CHECK(help.find(word) != std::string::npos);
  }
}
