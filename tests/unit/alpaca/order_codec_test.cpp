// The trading API's JSON: what is sent, and what is made of what comes.
#include "alpaca/order_codec.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "alpaca/json.hpp"
#include "alpaca/words.hpp"

using namespace leasehold::alpaca;
using namespace leasehold::alpaca::detail;
using namespace std::chrono_literals;

namespace {

// As documented for a stock.
const std::string kExample = R"({
  "id": "7b08df51-c1ac-453c-99f9-323a5f075f0d",
  "client_order_id": "5680c4bc-9ac1-4a12-a44c-df427ba53032",
  "created_at": "2023-12-12T21:35:58.132371187Z",
  "updated_at": "2023-12-12T22:31:24.577215743Z",
  "submitted_at": "2023-12-12T21:35:58.051456Z",
  "filled_at": null, "expired_at": null, "canceled_at": null, "failed_at": null,
  "replaced_at": null, "replaced_by": null, "replaces": null,
  "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
  "symbol": "AAPL", "asset_class": "us_equity", "notional": null, "qty": "2",
  "filled_qty": "0", "filled_avg_price": null, "order_class": "", "order_type": "limit",
  "type": "limit", "side": "buy", "time_in_force": "gtc", "limit_price": "150.5",
  "stop_price": null, "status": "accepted", "extended_hours": false, "legs": null,
  "trail_percent": null, "trail_price": null, "hwm": null, "subtag": null, "source": null
})";

std::string with(const std::string& name, const std::string& value) {
  return R"({"id":"1","status":"new",")" + name + "\":" + value + "}";
}

Time at(std::chrono::sys_days day, std::chrono::nanoseconds in_day) { return day + in_day; }

}  // namespace

TEST_CASE("the documented order is read, each field") {
  const auto order = read_order(kExample);
  REQUIRE(order);
  using namespace std::chrono;
  const sys_days day = 2023y / December / 12;
  CHECK(order->id == "7b08df51-c1ac-453c-99f9-323a5f075f0d");
  CHECK(order->client_order_id == "5680c4bc-9ac1-4a12-a44c-df427ba53032");
  CHECK(order->created_at == at(day, 21h + 35min + 58s + 132371187ns));
  CHECK(order->updated_at == at(day, 22h + 31min + 24s + 577215743ns));
  CHECK(order->submitted_at == at(day, 21h + 35min + 58s + 51456us));
  for (const auto& time : {order->filled_at, order->expired_at, order->canceled_at,
                           order->failed_at, order->replaced_at, order->expires_at}) {
    CHECK_FALSE(time);
  }
  CHECK(order->replaced_by.empty());
  CHECK(order->replaces.empty());
  CHECK(order->asset_id == "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415");
  CHECK(order->symbol == "AAPL");
  CHECK(order->asset_class == "us_equity");
  CHECK_FALSE(order->notional);
  CHECK(order->qty == Decimal::of(2));
  CHECK(order->filled_qty == Decimal());
  CHECK_FALSE(order->filled_avg_price);
  CHECK(order->order_class == OrderClass::simple);
  CHECK(order->type == OrderType::limit);
  CHECK(order->side == Side::buy);
  CHECK_FALSE(order->position_intent.known);
  CHECK(order->time_in_force == TimeInForce::gtc);
  CHECK(order->limit_price == Decimal("150.5"));
  CHECK_FALSE(order->stop_price);
  CHECK(order->status == OrderStatus::accepted);
  CHECK_FALSE(order->extended_hours);
  CHECK(order->legs.empty());
  CHECK(order->extras == std::vector<Extra>{{"subtag", "null"}, {"source", "null"}});
}

TEST_CASE("fields and words that are not known are kept") {
  const auto order = read_order(
      R"({"id":"1","status":"haunted","new":{"a":[1.50,"x",true,null]},"side":"sideways",)"
      R"("z":-2e5})");
  REQUIRE(order);
  CHECK(order->status == Named<OrderStatus>{{}, "haunted"});
  CHECK_FALSE(order->status == OrderStatus::accepted);
  CHECK(order->side.text == "sideways");
  CHECK(order->extras ==
        std::vector<Extra>{{"new", R"({"a":[1.50,"x",true,null]})"}, {"z", "-2e5"}});
}

TEST_CASE("numbers are read where strings are documented, and the reverse") {
  CHECK(read_order(with("qty", "-1.50"))->qty == Decimal("-1.5"));
  CHECK(read_order(with("qty", "1.5e2"))->qty == Decimal::of(150));
  CHECK(read_order(with("qty", "122011.09751111286868"))->qty == Decimal("122011.09751111286868"));
  CHECK(read_order(with("symbol", "12"))->symbol == "12");
  CHECK(read_order(with("extended_hours", R"("true")"))->extended_hours);
  CHECK(read_account(R"({"id":"1","daytrade_count":"3"})")->daytrade_count == 3);
  CHECK(read_account(R"({"id":"1","daytrade_count":3,"last_equity":0})")->last_equity == Decimal());
  CHECK(read_error(R"({"code":"40010001","message":"no"})")->code == 40010001);
}

TEST_CASE("what is no order is undecodable, and harms nobody") {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  for (const std::string& json : {std::string(),
                                  std::string("null"),
                                  std::string("[]"),
                                  std::string("{}"),
                                  std::string(R"({"id":"1"})"),
                                  std::string(R"({"status":"new"})"),
                                  std::string(R"({"id":"","status":"new"})"),
                                  std::string(R"({"id":"1","status":null})"),
                                  kExample.substr(0, kExample.size() - 1),
                                  kExample + "x",
                                  kExample + '\0',
                                  with("qty", "NaN"),
                                  with("qty", "Infinity"),
                                  with("qty", R"("NaN")"),
                                  with("qty", R"("")"),
                                  with("qty", "1e10001"),
                                  with("qty", R"("1e99999999999999999999")"),
                                  with("qty", "true"),
                                  with("qty", "{}"),
                                  with("qty", "[1]"),
                                  with("symbol", "[]"),
                                  with("extended_hours", "1"),
                                  with("created_at", R"("yesterday")"),
                                  with("created_at", R"("2023-13-01T00:00:00Z")"),
                                  with("legs", "{}"),
                                  with("legs", "[{}]"),
                                  with("legs", "[1]"),
                                  with("id", R"("2")"),
                                  with("unknown", R"({"twice":1,"twice":2})"),
                                  with("symbol", "\"\xff\""),
                                  with("unknown", "\"\xc0\x80\""),
                                  with("symbol", R"("\ud800")"),
                                  with("symbol", R"("\udc00")"),
                                  with("unknown", R"({"\udfff":1})"),
                                  with("unknown", deep),
                                  deep,
                                  std::string(10'000, '{'),
                                  R"({"a":)" + std::string(100'000, '[')}) {
    CAPTURE(json.substr(0, 200));
    CHECK_FALSE(read_order(json));
  }
  CHECK_FALSE(read_orders("{}"));
  CHECK_FALSE(read_orders("[[1]]"));
  CHECK_FALSE(read_account("[1]"));
  CHECK_FALSE(read_error("[1]"));
  CHECK_FALSE(read_orders(R"([{"id":"1","status":"new"},{}])"));
}

TEST_CASE("an answer does not decide how much memory it takes") {
  std::string many = "[0";
  for (std::size_t i = 0; i < kMaxJsonValues; ++i) many += ",0";
  CHECK_FALSE(parse_json(many + "]"));
  std::string nested = "1";
  for (std::size_t i = 0; i < kMaxJsonDepth; ++i) {
    nested.insert(0, 1, '[');
    nested += ']';
  }
  CHECK(parse_json(nested));
  CHECK_FALSE(parse_json("[" + nested + "]"));
}

TEST_CASE("legs are orders of their own") {
  const auto order = read_order(
      R"({"id":"1","status":"new","order_class":"bracket","symbol":null,)"
      R"("legs":[{"id":"2","status":"held","limit_price":"5"},{"id":"3","status":"held"}]})");
  REQUIRE(order);
  CHECK(order->order_class == OrderClass::bracket);
  REQUIRE(order->legs.size() == 2);
  CHECK(order->legs[0].id == "2");
  CHECK(order->legs[0].limit_price == Decimal::of(5));
  CHECK(order->legs[1].status == OrderStatus::held);
}

TEST_CASE("the old name of the type is read where the new one is missing") {
  CHECK(read_order(with("order_type", R"("stop")"))->type == OrderType::stop);
  CHECK(read_order(R"({"id":"1","status":"new","order_type":"stop","type":"limit"})")->type ==
        OrderType::limit);
}

TEST_CASE("every word of the API is read as it is written") {
  const auto check = []<class Word>(Word, const char* field) {
    for (const auto& each : spellings<Word>()) {
      CAPTURE(each.text);
      CHECK(word_of<Word>(to_string(each.word)) == each.word);
      if (std::string_view(field) == "status") continue;
      CHECK(read_order(with(field, '"' + std::string(each.text) + '"')));
    }
  };
  check(Side::buy, "side");
  check(OrderType::market, "type");
  check(TimeInForce::day, "time_in_force");
  check(OrderClass::simple, "order_class");
  check(PositionIntent::buy_to_open, "position_intent");
  check(OrderStatus::filled, "status");
}

TEST_CASE("times are read with any number of decimals and any offset") {
  using namespace std::chrono;
  const sys_days day = 2025y / June / 24;
  CHECK(read_time("2025-06-24T14:15:22Z") == at(day, 14h + 15min + 22s));
  CHECK(read_time("2025-06-24T14:15:22.5Z") == at(day, 14h + 15min + 22s + 500ms));
  CHECK(read_time("2025-06-24T14:15:22.123456789999Z") == at(day, 14h + 15min + 22s + 123456789ns));
  CHECK(read_time("2025-06-24T14:15:22-04:00") == at(day, 18h + 15min + 22s));
  CHECK(read_time("2025-06-24t00:15:22+05:30") == at(day, 15min + 22s - 5h - 30min));
  CHECK(read_time("2024-02-29T23:59:60Z") == at(2024y / March / 1, 0s));
  for (const char* text : {"", "2025", "2025-06-24", "2025-06-24T14:15Z", "2025-06-24T14:15:22",
                           "2025-06-24T14:15:22.Z", "2025-02-29T14:15:22Z", "2025-06-24T24:15:22Z",
                           "2025-06-24T14:60:22Z", "2025-06-24T14:15:61Z", "2025-06-24T14:15:22Zx",
                           "2025-06-24T14:15:22+5:30", "2025-06-24T14:15:22+24:00",
                           "1677-01-01T00:00:00Z", "2262-01-01T00:00:00Z", "-025-06-24T14:15:22Z",
                           "2025-06--4T14:15:22Z", "20250624T141522Z"}) {
    CAPTURE(text);
    CHECK_FALSE(read_time(text));
  }
}

TEST_CASE("an order is written with the API's names, decimals as strings, nothing superfluous") {
  CHECK(write_order({.symbol = "AAPL", .qty = Decimal("2.50"), .client_order_id = "a\"b"}) ==
        R"({"symbol":"AAPL","qty":"2.5","side":"buy","type":"market","time_in_force":"day",)"
        R"("client_order_id":"a\"b"})");
  CHECK(write_order({.symbol = "AAPL",
                     .notional = Decimal("0.000000001"),
                     .side = Side::sell,
                     .type = OrderType::stop_limit,
                     .time_in_force = TimeInForce::gtc,
                     .limit_price = Decimal("150"),
                     .stop_price = Decimal("151"),
                     .extended_hours = true,
                     .order_class = OrderClass::bracket,
                     .take_profit = TakeProfit{Decimal("1")},
                     .stop_loss = StopLoss{Decimal("2"), Decimal("3")},
                     .position_intent = PositionIntent::sell_to_close}) ==
        R"({"symbol":"AAPL","notional":"0.000000001","side":"sell","type":"stop_limit",)"
        R"("time_in_force":"gtc","limit_price":"150","stop_price":"151","extended_hours":true,)"
        R"("order_class":"bracket","take_profit":{"limit_price":"1"},)"
        R"("stop_loss":{"stop_price":"2","limit_price":"3"},"position_intent":"sell_to_close"})");
  CHECK(write_order({.qty = Decimal::of(1),
                     .type = OrderType::trailing_stop,
                     .trail_price = Decimal("0.5"),
                     .order_class = OrderClass::mleg,
                     .legs = {{.symbol = "A"},
                              {.symbol = "B",
                               .ratio_qty = Decimal::of(2),
                               .side = Side::sell,
                               .position_intent = PositionIntent::sell_to_open}}}) ==
        R"({"qty":"1","type":"trailing_stop","time_in_force":"day","trail_price":"0.5",)"
        R"("order_class":"mleg","legs":[{"symbol":"A","ratio_qty":"1","side":"buy"},)"
        R"({"symbol":"B","ratio_qty":"2","side":"sell","position_intent":"sell_to_open"}]})");
  CHECK(write_replacement({.qty = Decimal::of(3),
                           .time_in_force = TimeInForce::gtc,
                           .limit_price = Decimal("1.5"),
                           .stop_price = Decimal("2.5"),
                           .trail = Decimal("0.1"),
                           .client_order_id = "next"}) ==
        R"({"qty":"3","time_in_force":"gtc","limit_price":"1.5","stop_price":"2.5","trail":"0.1",)"
        R"("client_order_id":"next"})");
}

TEST_CASE("what was cancelled comes with a status for each, and the order or the reason") {
  const auto all =
      read_cancelled(R"([{"id":"1","status":200,"body":{"id":"1","status":"pending_cancel"}},)"
                     R"({"id":"2","status":500,"body":{"code":50010000,"message":"internal"}},)"
                     R"({"id":"3","status":"200"}])");
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].order->status == OrderStatus::pending_cancel);
  CHECK((*all)[1].status == 500);
  CHECK_FALSE((*all)[1].order);
  CHECK((*all)[2].status == 200);
  CHECK_FALSE(read_cancelled(R"([{"status":200}])"));
}

TEST_CASE("accounts, positions, the clock and errors are read") {
  const auto account = read_account(
      R"({"id":"e6","account_number":"PA1","status":"ACTIVE","currency":"USD","cash":"399514.64",)"
      R"("buying_power":"799029.28","daytrade_count":2,"bod_dtbp":0,"trading_blocked":true,)"
      R"("created_at":"2023-01-01T18:20:20.272275Z","pattern_day_trader":false})");
  REQUIRE(account);
  CHECK(account->account_number == "PA1");
  CHECK(account->cash == Decimal("399514.64"));
  CHECK(account->daytrade_count == 2);
  CHECK(account->trading_blocked);
  CHECK(account->extras == std::vector<Extra>{{"bod_dtbp", "0"}});

  const auto positions = read_positions(
      R"([{"asset_id":"b0","symbol":"AAPL","qty":"-5","side":"short","avg_entry_price":"100.0",)"
      R"("qty_available":"5"}])");
  REQUIRE(positions);
  REQUIRE(positions->size() == 1);
  CHECK(positions->front().qty == Decimal::of(-5));
  CHECK(positions->front().avg_entry_price == Decimal::of(100));
  CHECK(read_position(R"({"symbol":"AAPL","qty":1})")->qty == Decimal::of(1));
  CHECK_FALSE(read_position("{}"));

  const auto clock = read_clock(
      R"({"timestamp":"2025-06-24T14:15:22-04:00","is_open":true,)"
      R"("next_open":"2025-06-25T09:30:00-04:00","next_close":"2025-06-24T16:00:00-04:00"})");
  REQUIRE(clock);
  CHECK(clock->is_open);
  CHECK(clock->next_close - clock->timestamp == 1h + 44min + 38s);
  CHECK_FALSE(read_clock(R"({"is_open":true})"));

  const auto error =
      read_error(R"({"buying_power":"399514.64","code":40310000,"cost_basis":"900000003",)"
                 R"("message":"insufficient buying power"})");
  REQUIRE(error);
  CHECK(error->code == 40310000);
  CHECK(error->message == "insufficient buying power");
  CHECK(error->extras ==
        std::vector<Extra>{{"buying_power", R"("399514.64")"}, {"cost_basis", R"("900000003")"}});
  CHECK(read_error(R"({"message":"unauthorized."})")->code == 0);
  CHECK_FALSE(read_error("<html>"));
}
