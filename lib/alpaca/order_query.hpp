#pragma once

#include <string>
#include <string_view>

#include "leasehold/alpaca/order_query.hpp"

namespace leasehold::alpaca::detail {

// Where a query asks. REQUIRES: no problem_of().
std::string orders_path(const OrderQuery& query);

// `text` as it may stand in a segment of a path and in a query's value.
std::string percent_encoded(std::string_view text);

}  // namespace leasehold::alpaca::detail
