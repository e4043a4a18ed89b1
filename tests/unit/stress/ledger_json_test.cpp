// The ledger as leasehold-stress reads it from a server.
#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "paper/market/order_codec.hpp"
#include "stress/ledger_json.hpp"

using namespace leasehold::stress;
using leasehold::paper::OrderOutcome;

TEST_CASE("what the exchange writes is read back") {
  Ledger written(3);
  written[0].client_order_id = "a \"quoted\" one";
  written[0].outcome = OrderOutcome::committed;
  written[1].outcome = OrderOutcome::refused;
  written[2].client_order_id = "b";
  written[2].outcome = OrderOutcome::duplicate;
  std::string json;
  leasehold::paper::detail::write_ledger(json, written);

  const auto read = ledger_from_json(json);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == written.size());
  for (std::size_t at = 0; at < written.size(); ++at) {
    CHECK((*read)[at].client_order_id == written[at].client_order_id);
    CHECK((*read)[at].outcome == written[at].outcome);
  }
}

TEST_CASE("a ledger may be empty") {
  const auto read = ledger_from_json(R"({"count":0,"entries":[]})");
  REQUIRE(read.has_value());
  CHECK(read->empty());
}

TEST_CASE("what is not all of a ledger is none") {
  const std::string entry = R"({"client_order_id":"a","outcome":"committed"})";
  REQUIRE(ledger_from_json(R"({"count":1,"entries":[)" + entry + "]}").has_value());
  for (const std::string& json : {
           std::string(),
           std::string("null"),
           std::string("[]"),
           std::string("{}"),
           R"({"entries":[)" + entry + "]}",
           std::string(R"({"count":0})"),
           std::string(R"({"count":0,"entries":{}})"),
           R"({"count":2,"entries":[)" + entry + "]}",
           R"({"count":1,"entries":[)" + entry,
           R"({"count":1,"entries":[)" + entry + "]} trailing",
           std::string(R"({"count":1,"entries":[7]})"),
           std::string(R"({"count":1,"entries":[{"outcome":"committed"}]})"),
           std::string(R"({"count":1,"entries":[{"client_order_id":"a"}]})"),
           std::string(R"({"count":1,"entries":[{"client_order_id":7,"outcome":"committed"}]})"),
           std::string(R"({"count":1,"entries":[{"client_order_id":"a","outcome":"lost"}]})"),
           std::string(R"({"count":1,"entries":["client_order_id"]})"),
           std::string(R"({"count":1,"entries":[[)") + entry + "]]}",
           std::string(R"({"count":0,"entries":)") + entry + "}",
           std::string(R"({"count":0,"entries":[)") + entry + "]}",  // it grew meanwhile
           R"({"count":1,"entries":[)" + entry + "]}" + std::string(1, '\0') + "trailing",
           std::string(R"({"count":1,"entries":[{"client_order_id":null,"outcome":"committed"}]})"),
           std::string(R"({"count":1,"entries":[{"client_order_id":"a","outcome":1}]})"),
       }) {
    CAPTURE(json);
    CHECK_FALSE(ledger_from_json(json).has_value());
  }
}

TEST_CASE("a count that is no whole number of entries is none") {
  const std::string entry = R"({"client_order_id":"a","outcome":"committed"})";
  for (const char* const count : {"-1", "1.0", "1e0", "1e999", "18446744073709551617", "\"1\"",
                                  "null", "true", "[1]", "{}"}) {
    CAPTURE(count);
    CHECK_FALSE(
        ledger_from_json(std::string(R"({"count":)") + count + R"(,"entries":[)" + entry + "]}"));
  }
}

TEST_CASE("a ledger that could be read as several is none") {
  const std::string entry = R"({"client_order_id":"a","outcome":"committed"})";
  const auto with_entry = [](const std::string& fields) {
    return R"({"count":1,"entries":[{)" + fields + "}]}";
  };
  const std::vector<std::string> ledgers{
      R"({"count":0,"entries":[],"entries":[)" + entry + "]}",
      R"({"entries":[],"count":0,"entries":[]})",
      R"({"count":0,"count":0,"entries":[]})",
      with_entry(R"("client_order_id":"a","client_order_id":"b","outcome":"committed")"),
      with_entry(R"("client_order_id":"a","outcome":"refused","outcome":"committed")"),
      with_entry(R"("client_order_id":"a","\u006futcome":"refused","outcome":"committed")"),
  };
  for (const std::string& json : ledgers) {
    CAPTURE(json);
    CHECK_FALSE(ledger_from_json(json).has_value());
  }
}

TEST_CASE("what a ledger holds besides is no concern of the account") {
  const auto read = ledger_from_json(
      R"({"page":{"count":9,"entries":[{"client_order_id":"x"}]},"big":1e99,"entries":[)"
      R"({"legs":[{"client_order_id":"x","outcome":"refused"},["y"]],"client_order_id":"a",)"
      R"("note":{"outcome":null},"outcome":"committed","seq":99999999999999999999},)"
      R"({"outcome":"refused","client_order_id":"","legs":[[]]}],"count":2,"more":[1,{},[]]})");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK(read->front().client_order_id == "a");
  CHECK(read->front().outcome == OrderOutcome::committed);
  CHECK(read->back().client_order_id.empty());
  CHECK(read->back().outcome == OrderOutcome::refused);
}

TEST_CASE("a ledger that is not UTF-8 is none") {
  for (const std::string id : {"a\xff", "\xed\xa0\x80", "\xc0\xaf", "\\ud800", "\\udc00"}) {
    CAPTURE(id);
    CHECK_FALSE(ledger_from_json(R"({"count":1,"entries":[{"client_order_id":")" + id +
                                 R"(","outcome":"committed"}]})"));
  }
}

TEST_CASE("however deep a ledger is nested, reading it does not end the process") {
  const std::size_t levels = 1'000'000;
  const std::string lists = std::string(levels, '[') + std::string(levels, ']');
  std::string objects;
  for (std::size_t level = 0; level < levels; ++level) objects += R"({"a":)";
  objects += '0' + std::string(levels, '}');
  for (const std::string& deep : {lists, objects}) {
    CHECK_FALSE(ledger_from_json(deep).has_value());
    CHECK_FALSE(ledger_from_json(deep.substr(0, deep.size() / 2)).has_value());
    CHECK_FALSE(ledger_from_json(R"({"count":1,"entries":[)" + deep + "]}").has_value());
    CHECK(ledger_from_json(R"({"more":)" + deep + R"(,"count":0,"entries":[]})").has_value());
  }
}
