// The exchange's JSON: what is read as an order, and how orders and ledgers are written.
#include "paper/market/order_codec.hpp"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <string>
#include <vector>

using namespace leasehold::paper;
using namespace leasehold::paper::detail;

namespace {

rapidjson::Document parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::string text(const rapidjson::Value& object, const char* name) {
  REQUIRE(object.HasMember(name));
  REQUIRE(object[name].IsString());
  return {object[name].GetString(), object[name].GetStringLength()};
}

}  // namespace

TEST_CASE("an order's fields are read as they were written") {
  const auto form = read_order_form(
      R"( {"symbol":"AAPL","qty":"10","side":"buy","type":"limit","time_in_force":"day",
           "limit_price":150.10,"client_order_id":"a\"b\u00e9","extended_hours":true,
           "order_class":"simple","position_intent":"buy_to_open","stop_price":null} )");
  REQUIRE(form);
  CHECK(form->symbol == "AAPL");
  CHECK(form->qty == "10");
  CHECK(form->side == "buy");
  CHECK(form->type == "limit");
  CHECK(form->time_in_force == "day");
  CHECK(form->limit_price == "150.10");  // digits are kept, not rounded through a double
  CHECK(form->client_order_id == "a\"b\xc3\xa9");
  CHECK(form->order_class == "simple");
  CHECK(form->position_intent == "buy_to_open");
  CHECK(form->extended_hours);
  CHECK(form->stop_price.empty());
  CHECK(form->complex_field.empty());
}

TEST_CASE("unknown fields are ignored, whatever is in them") {
  const auto form = read_order_form(
      R"({"x":1,"y":{"symbol":"NO","side":{"qty":[]}},"z":[{"symbol":"NO"},"symbol"],"t":true,
          "n":null,"symbol":"YES"})");
  REQUIRE(form);
  CHECK(form->symbol == "YES");
  CHECK(form->side.empty());
  CHECK(form->complex_field.empty());
}

TEST_CASE("fields of complex orders are noticed, unless null") {
  for (const char* name : {"take_profit", "stop_loss", "legs", "advanced_instructions"}) {
    CAPTURE(name);
    const std::string field = std::string("{\"") + name + "\":";
    CHECK(read_order_form(field + R"({"limit_price":"1"}})")->complex_field == name);
    CHECK(read_order_form(field + R"([{"symbol":"X"}]})")->complex_field == name);
    CHECK(read_order_form(field + "null}")->complex_field.empty());
    CHECK(read_order_form(field + R"({"limit_price":"1"}})")->limit_price.empty());
  }
}

TEST_CASE("the last of equal names counts, null included") {
  CHECK(read_order_form(R"({"symbol":"A","symbol":"B"})")->symbol == "B");
  CHECK(read_order_form(R"({"symbol":"A","symbol":null})")->symbol.empty());
  CHECK_FALSE(read_order_form(R"({"extended_hours":true,"extended_hours":null})")->extended_hours);
}

TEST_CASE("what is not one JSON object with fields of the right types is refused") {
  for (const char* json : {"",
                           " ",
                           "null",
                           "true",
                           "7",
                           "\"x\"",
                           "[]",
                           "[{}]",
                           "{",
                           "{]",
                           "{}}",
                           "{} x",
                           "{}{}",
                           "{\"symbol\"}",
                           "{\"symbol\":}",
                           "{symbol:\"A\"}",
                           "{\"symbol\":\"A\",}",
                           "{'symbol':'A'}",
                           "{\"symbol\":7}",
                           "{\"symbol\":true}",
                           "{\"symbol\":{}}",
                           "{\"symbol\":[]}",
                           "{\"client_order_id\":1}",
                           "{\"qty\":true}",
                           "{\"qty\":{}}",
                           "{\"qty\":01}",
                           "{\"qty\":.5}",
                           "{\"qty\":NaN}",
                           "{\"extended_hours\":\"true\"}",
                           "{\"extended_hours\":1}",
                           "{\"extended_hours\":{}}",
                           "{\"symbol\":\"\\ud800\"}",
                           "{\"symbol\":\"\xff\"}",
                           "{\"symbol\":\"\xc0\x80\"}",
                           "\xef\xbb\xbf{}"}) {
    CAPTURE(json);
    CHECK_FALSE(read_order_form(json));
  }
  using namespace std::string_literals;
  CHECK_FALSE(read_order_form("{}\0"s));
  CHECK_FALSE(read_order_form("{}\0 trailing"s));
  CHECK_FALSE(read_order_form("{\"symbol\":\"A\0B\"}"s));
}

TEST_CASE("an escaped NUL stays in the text") {
  CHECK(read_order_form(R"({"client_order_id":"a\u0000b"})")->client_order_id ==
        std::string("a\0b", 3));
}

TEST_CASE("nesting as deep as a body allows does not exhaust the stack") {
  constexpr std::size_t depth = 1'000'000;
  const std::string lists = std::string(depth, '[') + std::string(depth, ']');
  CHECK(read_order_form("{\"x\":" + lists + ",\"symbol\":\"A\"}")->symbol == "A");
  CHECK_FALSE(read_order_form("{\"x\":" + std::string(depth, '[')));
}

TEST_CASE("an order is written with every field of the API") {
  const Order order{.terms = {.symbol = "AAPL",
                              .qty = Decimal::parse("10.50"),
                              .notional = {},
                              .side = Side::sell,
                              .type = OrderType::stop_limit,
                              .time_in_force = TimeInForce::gtc,
                              .limit_price = Decimal::parse("150.10"),
                              .stop_price = Decimal::parse("151"),
                              .trail_price = {},
                              .trail_percent = {},
                              .client_order_id = "quote\" and \\ and \xc3\xa9",
                              .order_class = {},
                              .position_intent = PositionIntent::sell_to_close},
                    .id = "7b08df51-c1ac-453c-99f9-323a5f075f0d",
                    .submitted_ns = 1'702'420'284'577'215'743,
                    .created_ns = 1'702'420'284'668'464'435};
  std::string json;
  write_order(json, order);
  const rapidjson::Document written = parsed(json);
  CHECK(text(written, "id") == "7b08df51-c1ac-453c-99f9-323a5f075f0d");
  CHECK(text(written, "client_order_id") == order.terms.client_order_id);
  CHECK(text(written, "submitted_at") == "2023-12-12T22:31:24.577215743Z");
  CHECK(text(written, "created_at") == "2023-12-12T22:31:24.668464435Z");
  CHECK(text(written, "updated_at") == text(written, "created_at"));
  CHECK(text(written, "symbol") == "AAPL");
  CHECK(text(written, "asset_class") == "us_equity");
  CHECK(text(written, "asset_id").size() == 36);
  CHECK(text(written, "qty") == "10.5");
  CHECK(text(written, "filled_qty") == "0");
  CHECK(text(written, "order_class").empty());
  CHECK(text(written, "type") == "stop_limit");
  CHECK(text(written, "order_type") == "stop_limit");
  CHECK(text(written, "side") == "sell");
  CHECK(text(written, "position_intent") == "sell_to_close");
  CHECK(text(written, "time_in_force") == "gtc");
  CHECK(text(written, "limit_price") == "150.1");
  CHECK(text(written, "stop_price") == "151");
  CHECK(text(written, "status") == "pending_new");
  CHECK(text(written, "expires_at") == "2024-03-12T20:00:00Z");  // the first close 90 days on
  REQUIRE(written.HasMember("extended_hours"));
  CHECK(written["extended_hours"].IsFalse());
  for (const char* name :
       {"notional", "filled_avg_price", "filled_at", "expired_at", "canceled_at", "failed_at",
        "replaced_at", "replaced_by", "replaces", "legs", "trail_percent", "trail_price", "hwm",
        "ratio_qty", "subtag", "source"}) {
    CAPTURE(name);
    REQUIRE(written.HasMember(name));
    CHECK(written[name].IsNull());
  }
  CHECK(written.MemberCount() == 37);
}

TEST_CASE("day orders expire when the session ends") {
  Order order;
  order.terms.symbol = "BTC/USD";
  order.created_ns = 1'702'420'284'000'000'000;  // Tuesday, 17:31 in New York
  std::string json;
  write_order(json, order);
  const rapidjson::Document written = parsed(json);
  CHECK(text(written, "expires_at") == "2023-12-13T21:00:00Z");
  CHECK(text(written, "asset_class") == "crypto");
}

TEST_CASE("errors are a code and a message") {
  std::string json;
  write_error(json, 40410000, "order not found for \"x\"");
  CHECK(json == R"({"code":40410000,"message":"order not found for \"x\""})");
}

TEST_CASE("an error without a code is a message") {
  std::string json;
  write_error(json, 0, "unauthorized.");
  CHECK(json == R"({"message":"unauthorized."})");
}

TEST_CASE("a ledger is written entry by entry, with null for what did not happen") {
  const std::vector<LedgerEntry> entries = {
      {.seq = 1,
       .received_ns = 10,
       .committed_ns = 11,
       .replied_ns = 12,
       .connection = 3,
       .body_hash = 0xabc,
       .account = "AK1",
       .client_order_id = "x\"y",
       .outcome = OrderOutcome::committed,
       .status = 200},
      {.seq = 2, .received_ns = 20, .connection = 4, .status = 400}};
  std::string json;
  write_ledger(json, entries);
  CHECK(json ==
        R"({"count":2,"entries":[)"
        R"({"seq":1,"received_ns":10,"committed_ns":11,"replied_ns":12,"connection":3,)"
        R"("account":"AK1","client_order_id":"x\"y","body_hash":"0000000000000abc",)"
        R"("outcome":"committed","status":200},)"
        R"({"seq":2,"received_ns":20,"committed_ns":null,"replied_ns":null,"connection":4,)"
        R"("account":"","client_order_id":"","body_hash":"0000000000000000","outcome":"refused",)"
        R"("status":400}]})");
}

TEST_CASE("UTF-8 is told from other bytes") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  CHECK(is_utf8(std::string("a\0b", 3)));
  for (const char* bytes :
       {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    CAPTURE(bytes);
    CHECK_FALSE(is_utf8(bytes));
  }
}
