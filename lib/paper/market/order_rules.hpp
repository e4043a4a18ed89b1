#pragma once

#include <string_view>
#include <variant>

#include "paper/market/order.hpp"

namespace leasehold::paper::detail {

// The order's terms, or the first rule it breaks, in the API's order and words: fields (422
// 40010001), then symbol and price increments (422 42210000). Simple orders only; bracket, oco, oto
// and mleg are refused rather than half done. Any well-formed symbol is taken to exist.
std::variant<OrderTerms, ApiError> apply_rules(const OrderForm& form);

// The terms of a replacement: the order's, with what the form gives in their place, under the same
// rules. Its client_order_id is the form's alone.
std::variant<OrderTerms, ApiError> amend(const Order& order, const OrderForm& changes);

// True for pairs ("BTC/USD"), which are traded in finer steps and at all hours.
bool is_crypto(std::string_view symbol);

}  // namespace leasehold::paper::detail
