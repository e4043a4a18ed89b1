// Whatever order a program asks for: it is refused with its field, or written so that it reads as
// what was asked. For libFuzzer (tests/fuzz/run), and for replay.cpp.
//
// Input: the order's fields, as OrderBytes takes them.
#include <algorithm>
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

// A byte chooses; texts go up to a line's end.
class OrderBytes {
 public:
  explicit OrderBytes(std::string_view bytes) : rest_(bytes) {}

  NewOrder order() {
    NewOrder order;
    order.order_class = static_cast<OrderClass>(choice(5));
    order.type = static_cast<OrderType>(choice(5));
    order.time_in_force = static_cast<TimeInForce>(choice(6));
    order.side = static_cast<Side>(choice(2));
    order.extended_hours = choice(2) == 1;
    order.symbol = text();
    order.qty = number();
    order.notional = number();
    order.limit_price = number();
    order.stop_price = number();
    order.trail_price = number();
    order.trail_percent = number();
    if (choice(2) == 1) order.take_profit = TakeProfit{number().value_or(Decimal::of(1))};
    if (choice(2) == 1) order.stop_loss = StopLoss{number().value_or(Decimal::of(1)), number()};
    for (std::size_t legs = choice(6); legs != 0; --legs) {
      order.legs.push_back({.symbol = text(), .side = static_cast<Side>(choice(2))});
    }
    if (choice(2) == 1) order.position_intent = static_cast<PositionIntent>(choice(4));
    order.client_order_id = text();
    return order;
  }

 private:
  std::size_t choice(std::size_t of) {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte % of;
  }
  std::string text() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string taken(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return taken;
  }
  std::optional<Decimal> number() { return Decimal::parse(text()); }

  std::string_view rest_;
};

// "" if there is none.
std::string value_of(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return object.values[i].text;
  }
  return "";
}

void check_number(const Json& object, std::string_view name, const std::optional<Decimal>& asked) {
  const std::string written = value_of(object, name);
  expect(written.empty() == !asked.has_value(), "what is not asked for is not written");
  if (asked) expect(Decimal::parse(written) == asked, "a number is written as it was asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const NewOrder order = OrderBytes({reinterpret_cast<const char*>(data), size}).order();
  if (const std::string problem = problem_of(order); !problem.empty()) {
    expect(problem.starts_with("order.") && problem.find(": expected ") != std::string::npos,
           "a problem names its field and what was expected");
    expect(std::ranges::all_of(problem, [](char c) { return c >= ' ' && c <= '~'; }),
           "a problem is a line for a log");
    return 0;
  }
  const std::string body = write_order(order);
  expect(write_order(order) == body, "the same order is the same bytes");
  const std::optional<Json> json = parse_json(body);
  expect(json && json->kind == Json::Kind::object, "an order is written as JSON");
  expect(value_of(*json, "client_order_id") == order.client_order_id, "its id is as it was given");
  expect(value_of(*json, "symbol") == order.symbol, "its symbol is as it was given");
  expect(value_of(*json, "type") == to_string(order.type), "its type is as it was given");
  check_number(*json, "qty", order.qty);
  check_number(*json, "notional", order.notional);
  check_number(*json, "limit_price", order.limit_price);
  check_number(*json, "stop_price", order.stop_price);
  check_number(*json, "trail_price", order.trail_price);
  check_number(*json, "trail_percent", order.trail_percent);
  return 0;
}
