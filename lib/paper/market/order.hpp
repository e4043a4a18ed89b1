#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "paper/market/decimal.hpp"

namespace leasehold::paper::detail {

// The API's words for how far an order is, as far as this exchange goes. `fresh` is "new".
enum class OrderStatus : std::uint8_t { pending_new, fresh, canceled, replaced };
enum class Side : std::uint8_t { buy, sell };
enum class OrderType : std::uint8_t { market, limit, stop, stop_limit, trailing_stop };
enum class TimeInForce : std::uint8_t { day, gtc, opg, cls, ioc, fok };
enum class PositionIntent : std::uint8_t { buy_to_open, buy_to_close, sell_to_open, sell_to_close };

// An order as its sender wrote it, syntax checked and nothing else. Numbers are still text; an
// empty string is an absent field.
struct OrderForm {
  std::string symbol;
  std::string qty;
  std::string notional;
  std::string side;
  std::string type;
  std::string time_in_force;
  std::string limit_price;
  std::string stop_price;
  std::string trail_price;
  std::string trail_percent;
  std::string trail;  // of a replacement: whichever of the two its order has
  std::string client_order_id;
  std::string order_class;
  std::string position_intent;
  bool extended_hours = false;
  std::string complex_field;  // one of complex orders that was given: "take_profit", "legs", ...
};

inline constexpr std::size_t kMaxClientOrderId = 128;  // characters, as in the API

// What a text in UTF-8 begins with: so many characters, or all of it.
std::string_view first_characters(std::string_view text, std::size_t most);

// What an order is about, all rules kept.
struct OrderTerms {
  std::string symbol;
  std::optional<Decimal> qty;  // either this or notional
  std::optional<Decimal> notional;
  Side side = Side::buy;
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::day;
  std::optional<Decimal> limit_price;
  std::optional<Decimal> stop_price;
  std::optional<Decimal> trail_price;
  std::optional<Decimal> trail_percent;
  std::string client_order_id;  // empty: one is generated when the order is placed
  std::string order_class;      // "" or "simple", echoed
  PositionIntent position_intent = PositionIntent::buy_to_open;
  bool extended_hours = false;
};

// An order that was made. Times in nanoseconds since the epoch; 0: it has not come to that.
struct Order {
  OrderTerms terms;
  std::string id;
  OrderStatus status = OrderStatus::pending_new;
  std::int64_t submitted_ns = 0;
  std::int64_t created_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t canceled_ns = 0;
  std::int64_t replaced_ns = 0;
  std::string replaces = {};     // the id of the order that it took the place of
  std::string replaced_by = {};  // and of the one that took its place
};

// Whether it can still be filled, cancelled or replaced.
constexpr bool is_open(const Order& order) noexcept {
  return order.status == OrderStatus::pending_new || order.status == OrderStatus::fresh;
}

// A refusal in the API's terms: {"code":40010001,"message":"qty must be > 0"} under an HTTP status.
struct ApiError {
  int status = 0;
  int code = 0;
  std::string message;
};

const char* to_string(OrderStatus status);
const char* to_string(Side side);
const char* to_string(OrderType type);
const char* to_string(TimeInForce time_in_force);
const char* to_string(PositionIntent intent);

}  // namespace leasehold::paper::detail
