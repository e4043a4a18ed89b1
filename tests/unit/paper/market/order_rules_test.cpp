// Which orders the exchange takes, and in what words it refuses the others.
#include "paper/market/order_rules.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>

using namespace leasehold::paper::detail;

namespace {

OrderForm market_buy() {
  OrderForm form;
  form.symbol = "AAPL";
  form.qty = "10";
  form.side = "buy";
  form.type = "market";
  form.time_in_force = "day";
  return form;
}

OrderForm limit_buy(const std::string& price) {
  OrderForm form = market_buy();
  form.type = "limit";
  form.limit_price = price;
  return form;
}

ApiError refusal_of(const OrderForm& form) {
  const auto ruling = apply_rules(form);
  REQUIRE(std::holds_alternative<ApiError>(ruling));
  return std::get<ApiError>(ruling);
}

OrderTerms terms_of(const OrderForm& form) {
  const auto ruling = apply_rules(form);
  if (const ApiError* error = std::get_if<ApiError>(&ruling)) FAIL(error->message);
  return std::get<OrderTerms>(ruling);
}

}  // namespace

TEST_CASE("an order that keeps the rules gets its terms") {
  OrderForm form = limit_buy("150.10");
  form.client_order_id = "id";
  form.extended_hours = true;
  const OrderTerms terms = terms_of(form);
  CHECK(terms.symbol == "AAPL");
  CHECK(terms.qty == Decimal{10'000'000'000});
  CHECK_FALSE(terms.notional);
  CHECK(terms.side == Side::buy);
  CHECK(terms.type == OrderType::limit);
  CHECK(terms.time_in_force == TimeInForce::day);
  CHECK(terms.limit_price == Decimal{150'100'000'000});
  CHECK(terms.client_order_id == "id");
  CHECK(terms.extended_hours);
  CHECK(terms.position_intent == PositionIntent::buy_to_open);
}

TEST_CASE("each order type has its own prices") {
  OrderForm form = market_buy();
  form.notional = std::exchange(form.qty, "");
  CHECK(terms_of(form).notional == Decimal{10'000'000'000});
  form = market_buy();
  form.type = "stop";
  form.stop_price = "1";
  CHECK(terms_of(form).stop_price == Decimal{1'000'000'000});
  form.type = "stop_limit";
  form.limit_price = "2";
  CHECK(terms_of(form).type == OrderType::stop_limit);
  form = market_buy();
  form.type = "trailing_stop";
  form.trail_percent = "0.5";
  CHECK(terms_of(form).trail_percent == Decimal{500'000'000});
}

TEST_CASE("crypto trades in finer steps, until cancelled or at once") {
  OrderForm form = limit_buy("0.123456789");
  form.symbol = "BTC/USD";
  form.time_in_force = "gtc";
  CHECK(terms_of(form).limit_price == Decimal{123'456'789});
  form.time_in_force = "day";
  CHECK(refusal_of(form).message == "invalid crypto time_in_force");
}

TEST_CASE("a broken rule is named in the API's words") {
  using Change = std::function<void(OrderForm&)>;
  const struct {
    Change change;
    int code;
    const char* message;
  } rows[] = {
      {[](OrderForm& f) { f.symbol = ""; }, 40010001, "symbol is required"},
      {[](OrderForm& f) { f.qty = ""; }, 40010001, "qty or notional is required"},
      {[](OrderForm& f) { f.notional = "1"; }, 40010001, "only one of qty or notional is accepted"},
      {[](OrderForm& f) { f.qty = "0"; }, 40010001, "qty must be > 0"},
      {[](OrderForm& f) { f.qty = "-1"; }, 40010001, "qty must be > 0"},
      {[](OrderForm& f) { f.qty = "ten"; }, 40010001, "invalid qty"},
      {[](OrderForm& f) { f.qty = "0.0000000001"; }, 40010001, "invalid qty"},
      {[](OrderForm& f) { f.side = ""; }, 40010001, "invalid side"},
      {[](OrderForm& f) { f.side = "BUY"; }, 40010001, "invalid side"},
      {[](OrderForm& f) { f.type = "stoplimit"; }, 40010001, "invalid order type"},
      {[](OrderForm& f) { f.time_in_force = "gtd"; }, 40010001, "invalid time_in_force"},
      {[](OrderForm& f) { f.limit_price = "1"; }, 40010001,
       "market orders require no stop or limit price"},
      {[](OrderForm& f) { f.type = "limit"; }, 40010001, "limit orders require a limit price"},
      {[](OrderForm& f) { f = limit_buy("1"), f.stop_price = "1"; }, 40010001,
       "limit orders require no stop price"},
      {[](OrderForm& f) { f = limit_buy("-0.01"); }, 40010001, "limit_price must be > 0"},
      {[](OrderForm& f) { f = limit_buy("1.0.0"); }, 40010001, "invalid limit_price"},
      {[](OrderForm& f) { f.type = "stop"; }, 40010001, "stop orders require a stop price"},
      {[](OrderForm& f) { f.type = "stop", f.stop_price = f.limit_price = "1"; }, 40010001,
       "stop orders require no limit price"},
      {[](OrderForm& f) { f.type = "stop_limit", f.stop_price = "1"; }, 40010001,
       "stop limit orders require both stop and limit price"},
      {[](OrderForm& f) { f.type = "trailing_stop"; }, 40010001,
       "trailing stop orders must specify one of trail_price or trail_percent"},
      {[](OrderForm& f) { f.type = "trailing_stop", f.trail_price = f.trail_percent = "1"; },
       40010001, "trailing stop orders must specify one of trail_price or trail_percent"},
      {[](OrderForm& f) { f.type = "trailing_stop", f.trail_price = f.limit_price = "1"; },
       40010001, "trailing stop orders require no stop or limit price"},
      {[](OrderForm& f) { f.trail_price = "1"; }, 40010001,
       "only trailing stop orders may specify trail_price or trail_percent"},
      {[](OrderForm& f) { f.extended_hours = true; }, 40010001,
       "extended hours order must be DAY or GTC limit orders"},
      {[](OrderForm& f) { f = limit_buy("1"), f.time_in_force = "ioc", f.extended_hours = true; },
       40010001, "extended hours order must be DAY or GTC limit orders"},
      {[](OrderForm& f) { f.position_intent = "to_open"; }, 40010001, "invalid position_intent"},
      {[](OrderForm& f) { f.order_class = "fancy"; }, 40010001, "invalid order_class"},
      {[](OrderForm& f) { f.order_class = "bracket"; }, 40010001,
       "bracket orders are not supported by the paper exchange"},
      {[](OrderForm& f) { f.complex_field = "stop_loss"; }, 40010001,
       "simple orders require no stop_loss"},
      {[](OrderForm& f) { f.client_order_id = std::string(129, 'x'); }, 40010001,
       "client_order_id must be no more than 128 characters"},
      {[](OrderForm& f) { f.symbol = "aapl"; }, 42210000, "asset \"aapl\" not found"},
      {[](OrderForm& f) { f = limit_buy("290.123"); }, 42210000,
       "invalid limit_price 290.123. sub-penny increment does not fulfill minimum pricing "
       "criteria"},
      {[](OrderForm& f) { f.type = "stop", f.stop_price = "0.99999"; }, 42210000,
       "invalid stop_price 0.99999. sub-penny increment does not fulfill minimum pricing criteria"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.message);
    OrderForm form = market_buy();
    row.change(form);
    const ApiError refusal = refusal_of(form);
    CHECK(refusal.status == 422);
    CHECK(refusal.code == row.code);
    CHECK(refusal.message == row.message);
  }
}

TEST_CASE("below a dollar prices have four decimals") {
  CHECK(terms_of(limit_buy("0.9999")).limit_price == Decimal{999'900'000});
  CHECK(terms_of(limit_buy("1.01")).limit_price == Decimal{1'010'000'000});
  CHECK(refusal_of(limit_buy("1.001")).code == 42210000);
}

TEST_CASE("128 characters of client_order_id are characters, not bytes") {
  OrderForm form = market_buy();
  for (int at = 0; at < 128; ++at) form.client_order_id += "\xe2\x82\xac";
  CHECK(terms_of(form).client_order_id.size() == 384);
  form.client_order_id += "x";
  CHECK(refusal_of(form).code == 40010001);
}

TEST_CASE("fields are judged before what they mean together") {
  OrderForm form = limit_buy("1.001");
  form.symbol = "aapl";
  form.side = "hold";
  CHECK(refusal_of(form).message == "invalid side");
  form.side = "buy";
  CHECK(refusal_of(form).message == "asset \"aapl\" not found");
}
