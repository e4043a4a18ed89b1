#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "alpaca/inquiry.hpp"
#include "alpaca/intents.hpp"
#include "alpaca/requester.hpp"
#include "leasehold/alpaca/result.hpp"
#include "leasehold/deadline.hpp"

namespace leasehold::alpaca::detail {

// An order that the venue may or may not have, and what is found out about it.
struct OrderInDoubt {
  OrderInDoubt(InDoubt its, const Doubt& its_doubt, const TradingSettings& settings) noexcept
      : unknown(std::move(its)), doubt(its_doubt), inquiry(its_doubt.since, settings) {}

  InDoubt unknown;
  Doubt doubt;
  Inquiry inquiry;
  // Why the venue's order with this client_order_id is not the one that was meant; empty: it is.
  // None: any is.
  std::function<std::string(const Order&)> differs = {};
  // Accepted; NotSent if it is absent; InDoubt if the venue has another by that id, and the detail
  // says in what they differ. Nothing: not known yet.
  std::optional<Result<Accepted>> found = {};
};

// What looking it up has come to.
inline Result<Accepted> known(OrderInDoubt&& order) noexcept {
  if (order.found) return *std::move(order.found);
  return std::move(order.unknown);
}

// Looks them up, whichever is due next, until each is found or known to be absent, or the deadline
// or a stop ends it, or nothing can be sent any more.
void resolve(const Requester& requester, std::span<OrderInDoubt> orders, Deadline deadline,
             const CallOptions& options) noexcept;

// Of a look-up by client_order_id. Throws std::bad_alloc.
Result<Order> look_up(const Requester& requester, std::string_view client_order_id, Lane usual_lane,
                      Deadline deadline, const CallOptions& options);

// In the venue's own words: a gateway's 404 says nothing of the order.
template <class Value>
bool is_not_found(const Result<Value>& result) noexcept {
  constexpr std::int64_t kNotFound = 40410000;
  const auto* const refused = std::get_if<Refused>(&result);
  return refused != nullptr && refused->status == 404 && refused->code == kNotFound;
}

// A request that was not sent, and will not be when it is tried again.
template <class Value>
bool is_for_good(const Result<Value>& result) noexcept {
  const auto* const not_sent = std::get_if<NotSent>(&result);
  if (not_sent == nullptr) return false;
  const Cause cause = not_sent->fault.cause;
  return cause == Cause::closed || cause == Cause::forked || cause == Cause::stopped ||
         cause == Cause::invalid_request;
}

}  // namespace leasehold::alpaca::detail
