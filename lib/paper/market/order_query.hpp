#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "paper/market/order.hpp"

namespace leasehold::paper::detail {

// Which orders GET /v2/orders is about. Pure.
struct OrderQuery {
  std::optional<bool> open = true;  // nothing: open or not
  std::size_t limit = 50;
  bool newest_first = true;
  std::vector<std::string> symbols = {};  // none: all
  std::optional<Side> side = {};
  std::optional<bool> crypto = {};
  // Submitted after and before, neither included.
  std::int64_t after_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();
  // Made after and before these, neither included; empty: none.
  std::string after_order_id = {};
  std::string before_order_id = {};
};

// The value of a parameter, by its name; nothing if it was not given.
using Parameters = std::function<std::optional<std::string>(std::string_view)>;

// The query, or the first parameter that is none, in the API's words.
std::variant<OrderQuery, ApiError> read_query(const Parameters& parameters);

// Of these, which are in the order in which they were made. An order id that none of them has
// leaves none.
std::vector<Order> select(const OrderQuery& query, const std::deque<Order>& orders);

}  // namespace leasehold::paper::detail
