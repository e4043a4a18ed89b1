#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/alpaca/account.hpp"
#include "leasehold/alpaca/order.hpp"
#include "leasehold/alpaca/result.hpp"

namespace leasehold::alpaca::detail {

// The API's JSON, out and in. Pure. All throw std::bad_alloc.

// Bodies of POST and PATCH; the same for the same values, byte by byte. REQUIRES: no problem_of().
std::string write_order(const NewOrder& order);
std::string write_replacement(const Replacement& replacement);

// Nothing if it is not what was expected: no JSON (in UTF-8, each name once, not too deep), a field
// of another kind, or no id or status. Numbers may come as strings, and the reverse; fields and
// words that are not known are kept.
std::optional<Order> read_order(std::string_view json);
std::optional<std::vector<Order>> read_orders(std::string_view json);
std::optional<std::vector<Cancelled>> read_cancelled(std::string_view json);
std::optional<Account> read_account(std::string_view json);
std::optional<Position> read_position(std::string_view json);
std::optional<std::vector<Position>> read_positions(std::string_view json);
std::optional<MarketClock> read_clock(std::string_view json);
// But for the status, which is not in it.
std::optional<Refused> read_error(std::string_view json);

// RFC 3339, with any number of decimals (beyond nanoseconds they are dropped) and any offset.
// Nothing for what is no time of the years 1678 to 2261.
std::optional<Time> read_time(std::string_view text);
// "2023-12-12T22:31:24.577215743Z"
std::string write_time(Time time);

}  // namespace leasehold::alpaca::detail
