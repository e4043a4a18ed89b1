#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/paper/ledger.hpp"
#include "paper/market/order.hpp"

namespace leasehold::paper::detail {

// The exchange's JSON, in and out. Pure; of the paper library only this includes RapidJSON.

// The body of POST /v2/orders, or of a PATCH of one. Nothing if it is not one JSON object in UTF-8
// whose known fields have their types; numbers may stand for decimals in strings. Unknown fields
// are ignored, null is absent, the last of several equal names counts. Nesting does not use the
// stack.
std::optional<OrderForm> read_order_form(std::string_view json);

bool is_utf8(std::string_view text);

// Writers append to `out`; all texts must be UTF-8.
void write_order(std::string& out, const Order& order);
void write_orders(std::string& out, const std::vector<Order>& orders);
// What became of each: what DELETE /v2/orders answers.
void write_cancelled(std::string& out, const std::vector<Order>& orders);
void write_error(std::string& out, int code, std::string_view message);  // code 0: without one
void write_clock(std::string& out, std::int64_t now_ns);  // the market is always open
void write_ledger(std::string& out, const std::vector<LedgerEntry>& entries);

}  // namespace leasehold::paper::detail
