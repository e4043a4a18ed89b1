// Whatever a venue answers: no crash, and what is read is what was written there. For libFuzzer
// (tests/fuzz/run), and for replay.cpp.
//
// Input: the body of an answer.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "alpaca/json.hpp"
#include "alpaca/order_codec.hpp"
#include "fuzz/expect.hpp"

using namespace leasehold::alpaca;
using namespace leasehold::alpaca::detail;
using leasehold::test::expect;

namespace {

void check(const std::optional<Decimal>& number) {
  if (!number) return;
  expect(Decimal::parse(number->text()) == number, "a number is what its text says");
  expect(number->text().size() <= Decimal::kMaxDigits + 2, "a number's length is bounded");
}

void check(const std::vector<Extra>& extras) {
  for (const Extra& extra : extras) {
    const std::optional<Json> json = parse_json(extra.json);
    expect(json && to_text(*json) == extra.json, "what is kept is JSON");
  }
}

// How deep orders are nested is bounded with the JSON.
void check(const Order& order) {  // NOLINT(misc-no-recursion)
  expect(!order.id.empty() && !order.status.text.empty(), "an order has an id and a status");
  expect(is_utf8(order.id + order.client_order_id + order.symbol), "texts are UTF-8");
  for (const auto& number : {order.qty, order.notional, order.filled_avg_price, order.limit_price,
                             order.stop_price, order.trail_price, order.trail_percent, order.hwm,
                             order.ratio_qty, std::optional(order.filled_qty)}) {
    check(number);
  }
  check(order.extras);
  for (const Order& leg : order.legs) check(leg);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const std::optional<Json> json = parse_json(body)) {
    const std::string text = to_text(*json);
    const std::optional<Json> again = parse_json(text);
    expect(again && to_text(*again) == text, "a value written and read is the same");
  }
  if (const auto order = read_order(body)) check(*order);
  if (const auto orders = read_orders(body)) {
    for (const Order& order : *orders) check(order);
  }
  if (const auto all = read_cancelled(body)) {
    for (const Cancelled& each : *all) {
      expect(!each.id.empty(), "who was cancelled has an id");
      if (each.order) check(*each.order);
    }
  }
  if (const auto account = read_account(body)) {
    check(account->cash);
    check(account->extras);
  }
  if (const auto positions = read_positions(body)) {
    for (const Position& position : *positions) check(std::optional(position.qty));
  }
  static_cast<void>(read_position(body));
  static_cast<void>(read_clock(body));
  static_cast<void>(read_time(body));
  if (const auto error = read_error(body)) {
    expect(!error->message.empty(), "an error says something");
    check(error->extras);
  }
  check(Decimal::parse(body));
  return 0;
}
