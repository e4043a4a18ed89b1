#pragma once

#include <string_view>

#include "alpaca/requester.hpp"
#include "leasehold/alpaca/result.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/deadline.hpp"

namespace leasehold::alpaca::detail {

// DELETE of the order at `path`, sent again while it is in doubt: cancelled twice is cancelled.
Result<CancelRequested> cancel(const Requester& requester, std::string_view path, Deadline deadline,
                               const CallOptions& options) noexcept;

}  // namespace leasehold::alpaca::detail
