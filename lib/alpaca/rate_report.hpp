#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "leasehold/alpaca/rate_budget.hpp"
#include "leasehold/outcome.hpp"

namespace leasehold::alpaca::detail {

// What a response's headers tell. Pure.
RateReport read_rate_report(const Response& response) noexcept;

// Seconds since the epoch of an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110, 5.6.7; of the
// three formats the one that may be sent). Nothing if it is none.
std::optional<std::int64_t> read_http_date(std::string_view text) noexcept;

}  // namespace leasehold::alpaca::detail
