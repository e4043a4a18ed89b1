#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "leasehold/alpaca/credentials.hpp"
#include "leasehold/alpaca/detail/carrier.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "system/clock.hpp"

namespace leasehold::alpaca::detail {

using leasehold::detail::Clock;
using leasehold::detail::TimePoint;

// A tenant's requests: what each of them carries, and who carries them. Constant once it is made.
class Requester {
 public:
  // Throws SettingsError and std::bad_alloc.
  Requester(std::unique_ptr<Carrier> carrier, const Credentials& credentials,
            const TradingSettings& settings, RateBudget& budget, const Clock& clock);

  // Waits for the account's rate budget; then ends after settings().request_timeout and by the
  // deadline, if it makes an order by three quarters of the time to it. What cannot be written is
  // not sent (invalid_request, out_of_resources), nor what there is no budget for (rate_limited,
  // stopped).
  Outcome send(Method method, std::string_view path, std::string_view body, Deadline deadline,
               Lane usual_lane, const CallOptions& options) const noexcept;

  const TradingSettings& settings() const noexcept { return settings_; }
  const Clock& clock() const noexcept { return clock_; }

 private:
  Outcome send_now(Method method, std::string_view path, std::string_view body, Deadline deadline,
                   Lane lane, const CallOptions& options) const noexcept;
  // Nothing: there is budget for it, and it is taken.
  std::optional<Fault> wait_for_budget(Deadline deadline, Lane lane,
                                       const std::stop_token& stop) const noexcept;

  const std::unique_ptr<Carrier> carrier_;
  const Credentials credentials_;
  const TradingSettings settings_;
  RateBudget& budget_;
  const Clock& clock_;
  const PreparedRequest place_;  // POST /v2/orders with these, rendered once
};

// Sleeps until `time`. False: the deadline comes before, or a stop.
bool pause(const Clock& clock, TimePoint time, Deadline deadline,
           const std::stop_token& stop) noexcept;

// Where orders are placed and listed.
inline constexpr std::string_view kOrdersPath = "/v2/orders";

}  // namespace leasehold::alpaca::detail
