// The ledger as leasehold-stress reads it from a server.
#include <doctest/doctest.h>

#include <string>

#include "paper/order_codec.hpp"
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
       }) {
    CAPTURE(json);
    CHECK_FALSE(ledger_from_json(json).has_value());
  }
}
