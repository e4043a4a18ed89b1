#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/alpaca/decimal.hpp"
#include "leasehold/export.hpp"

namespace leasehold::alpaca {

// Orders as Alpaca's Trading API has them (POST /v2/orders and its answers). Values, no I/O; field
// names are the API's.

// --- the API's words ---

enum class Side : std::uint8_t { buy, sell };
enum class OrderType : std::uint8_t { market, limit, stop, stop_limit, trailing_stop };
enum class TimeInForce : std::uint8_t { day, gtc, opg, cls, ioc, fok };
enum class OrderClass : std::uint8_t { simple, bracket, oco, oto, mleg };
enum class PositionIntent : std::uint8_t { buy_to_open, buy_to_close, sell_to_open, sell_to_close };
enum class OrderStatus : std::uint8_t {
  // live
  pending_new,
  accepted,
  new_order,  // "new"
  partially_filled,
  pending_cancel,
  pending_replace,
  pending_review,
  accepted_for_bidding,
  held,
  stopped,
  suspended,
  calculated,
  done_for_day,
  // ended
  filled,
  canceled,
  expired,
  replaced,
  rejected
};

// As in JSON ("stop_limit").
LEASEHOLD_API const char* to_string(Side side) noexcept;
LEASEHOLD_API const char* to_string(OrderType type) noexcept;
LEASEHOLD_API const char* to_string(TimeInForce time_in_force) noexcept;
LEASEHOLD_API const char* to_string(OrderClass order_class) noexcept;
LEASEHOLD_API const char* to_string(PositionIntent intent) noexcept;
LEASEHOLD_API const char* to_string(OrderStatus status) noexcept;

// Nothing can happen to an order with this status any more.
constexpr bool has_ended(OrderStatus status) noexcept { return status >= OrderStatus::filled; }

// --- what is sent ---

struct TakeProfit {
  Decimal limit_price;
};
struct StopLoss {
  Decimal stop_price;
  std::optional<Decimal> limit_price = {};
};
// One of a multi-leg order's.
struct NewLeg {
  std::string symbol;
  Decimal ratio_qty = Decimal::of(1);
  Side side = Side::buy;
  std::optional<PositionIntent> position_intent = {};
};

// An order to be placed:
//
//   const NewOrder order{.symbol = "AAPL", .qty = Decimal::of(2), .side = Side::buy,
//                        .type = OrderType::limit, .limit_price = Decimal("150.25")};
struct NewOrder {
  std::string symbol = {};  // none for OrderClass::mleg, whose legs have theirs
  // Either: how many, or for how much money. Up to 9 decimals.
  std::optional<Decimal> qty = {};
  std::optional<Decimal> notional = {};
  Side side = Side::buy;  // not sent for OrderClass::mleg
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::day;
  // By the type. Stocks: whole cents from 1 dollar on, and hundredths of them below.
  std::optional<Decimal> limit_price = {};
  std::optional<Decimal> stop_price = {};
  std::optional<Decimal> trail_price = {};    // of a trailing stop, either this
  std::optional<Decimal> trail_percent = {};  // or this
  bool extended_hours = false;                // a limit order, day or gtc
  std::string client_order_id = {};           // up to 128 characters, unique for ever
  OrderClass order_class = OrderClass::simple;
  std::optional<TakeProfit> take_profit = {};  // of bracket and oco, or of oto
  std::optional<StopLoss> stop_loss = {};      // of bracket and oco, or of oto
  std::vector<NewLeg> legs = {};               // of mleg: 2 to 4
  std::optional<PositionIntent> position_intent = {};
};

// What an order is to be changed to; what is not given stays. The API makes a new order of it.
struct Replacement {
  std::optional<Decimal> qty = {};
  std::optional<TimeInForce> time_in_force = {};
  std::optional<Decimal> limit_price = {};
  std::optional<Decimal> stop_price = {};
  std::optional<Decimal> trail = {};
  std::string client_order_id = {};  // of the new order
};

// What keeps it from being sent, in one sentence that names the field, its value and what was
// expected; empty if nothing does. Nothing is rounded to make it fit.
//   order.limit_price: "290.123": expected at most 2 decimals from 1 on
LEASEHOLD_API std::string problem_of(const NewOrder& order);
LEASEHOLD_API std::string problem_of(const Replacement& replacement);

// --- what is received ---

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

// One of the API's words as it came, and what it means if it is known: venues add words.
template <class Word>
struct Named {
  std::optional<Word> known = {};
  std::string text = {};

  friend bool operator==(const Named& named, Word word) noexcept { return named.known == word; }
  friend bool operator==(const Named&, const Named&) = default;
};

// A field that leasehold does not know, with its value as JSON.
struct Extra {
  std::string name;
  std::string json;

  friend bool operator==(const Extra&, const Extra&) = default;
};

// An order as the venue tells of it. What it leaves out, or gives as null, is empty.
struct Order {
  std::string id = {};
  std::string client_order_id = {};
  Named<OrderStatus> status = {};
  std::string asset_id = {};
  std::string symbol = {};  // empty for a multi-leg order
  std::string asset_class = {};
  std::optional<Decimal> qty = {};
  std::optional<Decimal> notional = {};
  Decimal filled_qty = {};
  std::optional<Decimal> filled_avg_price = {};
  Named<OrderClass> order_class = {};  // "" is simple
  Named<OrderType> type = {};
  Named<Side> side = {};
  Named<PositionIntent> position_intent = {};
  Named<TimeInForce> time_in_force = {};
  std::optional<Decimal> limit_price = {};
  std::optional<Decimal> stop_price = {};
  std::optional<Decimal> trail_price = {};
  std::optional<Decimal> trail_percent = {};
  std::optional<Decimal> hwm = {};  // the highest price so far, for a trailing stop
  std::optional<Decimal> ratio_qty = {};
  bool extended_hours = false;
  std::string replaced_by = {};
  std::string replaces = {};
  std::optional<Time> created_at = {};
  std::optional<Time> updated_at = {};
  std::optional<Time> submitted_at = {};
  std::optional<Time> filled_at = {};
  std::optional<Time> expired_at = {};
  std::optional<Time> expires_at = {};
  std::optional<Time> canceled_at = {};
  std::optional<Time> failed_at = {};
  std::optional<Time> replaced_at = {};
  std::vector<Order> legs = {};
  std::vector<Extra> extras = {};
};

// What became of one order when all were cancelled.
struct Cancelled {
  std::string id = {};
  std::int64_t status = 0;          // HTTP's: 200 if its cancel was requested
  std::optional<Order> order = {};  // if the venue showed it
};

}  // namespace leasehold::alpaca
