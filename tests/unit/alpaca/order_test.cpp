// What keeps an order from being sent, and how that is said.
#include "leasehold/alpaca/order.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

using namespace leasehold::alpaca;

namespace {

NewOrder market() { return {.symbol = "AAPL", .qty = Decimal::of(1)}; }
NewOrder limit(const char* price) {
  NewOrder order = market();
  order.type = OrderType::limit;
  order.limit_price = Decimal(price);
  return order;
}
NewOrder trailing() {
  NewOrder order = market();
  order.type = OrderType::trailing_stop;
  order.trail_percent = Decimal("0.123456789");
  return order;
}
NewOrder bracket() {
  NewOrder order = market();
  order.order_class = OrderClass::bracket;
  order.take_profit = TakeProfit{Decimal("160.50")};
  order.stop_loss = StopLoss{Decimal("140"), Decimal("139.99")};
  return order;
}
NewOrder spread() {
  return {.qty = Decimal::of(1),
          .type = OrderType::limit,
          .limit_price = Decimal("1.05"),
          .order_class = OrderClass::mleg,
          .legs = {{.symbol = "AAPL250117C00190000", .side = Side::buy},
                   {.symbol = "AAPL250117C00200000", .side = Side::sell}}};
}

using Change = std::function<void(NewOrder&)>;
std::string problem(NewOrder order, const Change& change) {
  change(order);
  return problem_of(order);
}

}  // namespace

TEST_CASE("orders of every type and class that are whole have no problem") {
  CHECK(problem_of(market()).empty());
  CHECK(problem_of(limit("150.25")).empty());
  CHECK(problem_of(trailing()).empty());
  CHECK(problem_of(bracket()).empty());
  CHECK(problem_of(spread()).empty());
  CHECK(problem(market(), [](NewOrder& order) {
          order.qty.reset();
          order.notional = Decimal("0.000000001");
        }).empty());
  CHECK(problem(limit("150"), [](NewOrder& order) {
          order.type = OrderType::stop_limit;
          order.stop_price = Decimal("151");
        }).empty());
  CHECK(problem(bracket(), [](NewOrder& order) {
          order.order_class = OrderClass::oto;
          order.take_profit.reset();
        }).empty());
  // The limit price of an oco order may be left to its halves.
  CHECK(problem(bracket(), [](NewOrder& order) {
          order.order_class = OrderClass::oco;
          order.type = OrderType::limit;
        }).empty());
  CHECK(problem(limit("150"), [](NewOrder& order) { order.extended_hours = true; }).empty());
  CHECK(problem(market(), [](NewOrder& order) {
          for (int i = 0; i < 128; ++i) order.client_order_id += "\xc3\xa9";
        }).empty());
}

TEST_CASE("a price has whole cents from 1 dollar on, and hundredths of them below") {
  for (const char* price : {"1", "1.01", "290.12", "290.120", "0.9999", "0.0001"}) {
    CAPTURE(price);
    CHECK(problem_of(limit(price)).empty());
  }
  CHECK(problem_of(limit("290.123")) ==
        R"(order.limit_price: "290.123": expected at most 2 decimals from 1 on)");
  CHECK(problem_of(limit("1.001")) ==
        R"(order.limit_price: "1.001": expected at most 2 decimals from 1 on)");
  CHECK(problem_of(limit("0.99999")) ==
        R"(order.limit_price: "0.99999": expected at most 4 decimals below 1)");
  CHECK(problem(bracket(), [](NewOrder& order) {
          order.stop_loss->limit_price = Decimal("1.005");
        }) == R"(order.stop_loss.limit_price: "1.005": expected at most 2 decimals from 1 on)");
  // A coin has no such steps.
  CHECK(problem(limit("0.000012345"), [](NewOrder& order) { order.symbol = "SHIB/USD"; }).empty());
}

TEST_CASE("what is wrong is said with field, value and expectation") {
  struct Row {
    NewOrder order;
    Change change;
    const char* problem;
  };
  const std::vector<Row> rows = {
      {market(), [](NewOrder& o) { o.symbol = ""; },
       R"(order.symbol: "": expected a symbol: 1 to 64 letters, digits and characters of "./-_")"},
      {market(), [](NewOrder& o) { o.symbol = "A B"; },
       R"(order.symbol: "A B": expected a symbol)"},
      {market(), [](NewOrder& o) { o.qty.reset(); },
       R"(order.qty: "": expected how many, or order.notional)"},
      {market(), [](NewOrder& o) { o.notional = Decimal::of(5); },
       R"(order.notional: "5": expected none beside order.qty)"},
      {market(), [](NewOrder& o) { o.qty = Decimal(); }, R"(order.qty: "0": expected more than 0)"},
      {market(), [](NewOrder& o) { o.qty = Decimal("-1"); },
       R"(order.qty: "-1": expected more than 0)"},
      {market(), [](NewOrder& o) { o.qty = Decimal("0.0000000001"); },
       R"(order.qty: "0.0000000001": expected at most 9 decimals)"},
      {market(), [](NewOrder& o) { o.qty = Decimal("9223372036.854775808"); },
       R"(order.qty: "9223372036.854775808": expected at most 9223372036.854775807)"},
      {market(), [](NewOrder& o) { o.limit_price = Decimal::of(5); },
       R"(order.limit_price: "5": expected none, for a market order)"},
      {limit("5"), [](NewOrder& o) { o.limit_price.reset(); },
       R"(order.limit_price: "": expected a price, for a limit order)"},
      {limit("5"), [](NewOrder& o) { o.limit_price = Decimal("-5"); },
       R"(order.limit_price: "-5": expected more than 0)"},
      {limit("5"), [](NewOrder& o) { o.stop_price = Decimal::of(5); },
       R"(order.stop_price: "5": expected none, for a limit order)"},
      {market(), [](NewOrder& o) { o.type = OrderType::stop; },
       R"(order.stop_price: "": expected a price, for a stop order)"},
      {limit("5"), [](NewOrder& o) { o.type = OrderType::stop_limit; },
       R"(order.stop_price: "": expected a price, for a stop_limit order)"},
      {trailing(), [](NewOrder& o) { o.trail_percent.reset(); },
       R"(order.trail_price: "": expected a price, or order.trail_percent)"},
      {trailing(), [](NewOrder& o) { o.trail_price = Decimal::of(1); },
       R"(order.trail_price: "1": expected a price, or order.trail_percent)"},
      {market(), [](NewOrder& o) { o.trail_price = Decimal::of(1); },
       R"(order.trail_price: "1": expected none, for a market order)"},
      {market(), [](NewOrder& o) { o.extended_hours = true; },
       R"(order.extended_hours: "true": expected false, unless it is a limit order, day or gtc)"},
      {bracket(), [](NewOrder& o) { o.take_profit.reset(); },
       R"(order.take_profit.limit_price: "": expected a price, for order class bracket)"},
      {bracket(), [](NewOrder& o) { o.stop_loss.reset(); },
       R"(order.stop_loss.stop_price: "": expected a price, for order class bracket)"},
      {bracket(), [](NewOrder& o) { o.order_class = OrderClass::oto; },
       R"(order.take_profit: "160.5": expected either this or order.stop_loss)"},
      {bracket(), [](NewOrder& o) { o.order_class = OrderClass::simple; },
       R"(order.take_profit.limit_price: "160.5": expected none, for order class simple)"},
      {spread(), [](NewOrder& o) { o.legs.pop_back(); },
       R"(order.legs: "1": expected 2 to 4, for order class mleg)"},
      {spread(), [](NewOrder& o) { o.symbol = "AAPL"; },
       R"(order.symbol: "AAPL": expected none, for a multi-leg order)"},
      {spread(), [](NewOrder& o) { o.legs[1].symbol = ""; },
       R"(order.legs[1].symbol: "": expected a symbol)"},
      {spread(), [](NewOrder& o) { o.legs[1].ratio_qty = Decimal(); },
       R"(order.legs[1].ratio_qty: "0": expected more than 0)"},
      {market(), [](NewOrder& o) { o.legs.resize(2); },
       R"(order.legs: "2": expected none, for order class simple)"},
      {market(), [](NewOrder& o) { o.client_order_id.assign(129, 'x'); },
       "order.client_order_id: "},
      {market(), [](NewOrder& o) { o.client_order_id = "\xff"; },
       R"(order.client_order_id: "\xff": expected UTF-8)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    const std::string told = problem(row.order, row.change);
    CAPTURE(told);
    CHECK(told.starts_with(row.problem));
  }
}

TEST_CASE("a replacement changes something, and to what can be sent") {
  CHECK(problem_of(Replacement{.qty = Decimal::of(2)}).empty());
  CHECK(
      problem_of(Replacement{.time_in_force = TimeInForce::gtc, .client_order_id = "new"}).empty());
  CHECK(problem_of(Replacement{}) ==
        R"(replacement.qty: "": expected this, or another field, to be given)");
  CHECK(problem_of(Replacement{.limit_price = Decimal("-0.01")}) ==
        R"(replacement.limit_price: "-0.01": expected more than 0)");
  CHECK(problem_of(Replacement{.trail = Decimal("0.0000000001")}) ==
        R"(replacement.trail: "0.0000000001": expected at most 9 decimals)");
  CHECK(problem_of(Replacement{.qty = Decimal::of(2), .client_order_id = std::string(129, 'x')})
            .starts_with("replacement.client_order_id: "));
}

TEST_CASE("an order has ended when nothing can happen to it any more") {
  for (const OrderStatus status : {OrderStatus::filled, OrderStatus::canceled, OrderStatus::expired,
                                   OrderStatus::replaced, OrderStatus::rejected}) {
    CHECK(has_ended(status));
  }
  for (const OrderStatus status : {OrderStatus::pending_new, OrderStatus::partially_filled,
                                   OrderStatus::done_for_day, OrderStatus::pending_cancel}) {
    CHECK_FALSE(has_ended(status));
  }
  CHECK(std::string(to_string(OrderStatus::new_order)) == "new");
}
