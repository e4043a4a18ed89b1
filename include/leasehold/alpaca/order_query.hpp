#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leasehold/alpaca/order.hpp"
#include "leasehold/export.hpp"

namespace leasehold::alpaca {

enum class OrdersWith : std::uint8_t { open, closed, all };
enum class Direction : std::uint8_t { newest_first, oldest_first };

// Which orders to list (GET /v2/orders). What is not given does not restrict.
//
// The venue answers with a page. The next one, newest first:
//   query.before_order_id = page.back().id;
struct OrderQuery {
  OrdersWith status = OrdersWith::open;
  int limit = 50;  // most orders on a page, 1 to 500
  Direction direction = Direction::newest_first;
  std::optional<Side> side = {};
  std::vector<std::string> symbols = {};
  std::string asset_class = {};  // "us_equity", "crypto", …
  bool nested = false;           // legs within their orders, instead of beside them
  // Submitted after and before these times, which are not included ...
  std::optional<Time> after = {};
  std::optional<Time> until = {};
  // ... or after or before the order with this id, which is not included. One of the four ways:
  // an id goes neither with the other nor with a time.
  std::string after_order_id = {};
  std::string before_order_id = {};
};

// What keeps it from being asked, as problem_of(const NewOrder&); empty if nothing does.
LEASEHOLD_API std::string problem_of(const OrderQuery& query);

}  // namespace leasehold::alpaca
