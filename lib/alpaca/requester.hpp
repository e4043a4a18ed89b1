#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "alpaca/verdict.hpp"
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

// Takes the keys out of the venue's words, should it repeat them.
void hide_keys(Refused& refused, const Credentials& credentials) noexcept;

// A tenant's requests: what each of them carries, and who carries them. Constant once it is made.
class Requester {
 public:
  // Throws SettingsError and std::bad_alloc.
  Requester(std::unique_ptr<Carrier> carrier, const Credentials& credentials,
            const TradingSettings& settings, RateBudget& budget, const Clock& clock);

  // What came of a request: `read` makes an std::optional<Value> of an answer that says yes. The
  // client_order_id of one that makes an order is moved into InDoubt, and into nothing else.
  template <class Value, class Read>
  Result<Value> ask(Method method, std::string_view path, std::string_view body, Deadline deadline,
                    Lane usual_lane, const CallOptions& options, Read read,
                    std::string& client_order_id) const noexcept {
    Result<Value> result = verdict<Value>(send(method, path, body, deadline, usual_lane, options),
                                          client_order_id, read);
    if (auto* const refused = std::get_if<Refused>(&result)) hide_keys(*refused, whose(options));
    return result;
  }
  template <class Value, class Read>
  Result<Value> ask(Method method, std::string_view path, Deadline deadline, Lane usual_lane,
                    const CallOptions& options, Read read) const noexcept {
    std::string none;
    return ask<Value>(method, path, {}, deadline, usual_lane, options, read, none);
  }

  const TradingSettings& settings() const noexcept { return settings_; }
  const Clock& clock() const noexcept { return clock_; }

 private:
  // Waits for the account's rate budget; then ends after settings().request_timeout and by the
  // deadline, if it makes an order by three quarters of the time to it. What cannot be written is
  // not sent (invalid_request, out_of_resources), nor what there is no budget for (rate_limited,
  // stopped).
  Outcome send(Method method, std::string_view path, std::string_view body, Deadline deadline,
               Lane usual_lane, const CallOptions& options) const noexcept;
  Outcome send_now(Method method, std::string_view path, std::string_view body, Deadline deadline,
                   Lane lane, const CallOptions& options) const noexcept;
  // Nothing: there is budget for it, and it is taken.
  std::optional<Fault> wait_for_budget(Deadline deadline, Lane lane,
                                       const std::stop_token& stop) const noexcept;

  const Credentials& whose(const CallOptions& options) const noexcept {
    return options.credentials != nullptr ? *options.credentials : credentials_;
  }

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
