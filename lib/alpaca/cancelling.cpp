#include "alpaca/cancelling.hpp"

#include <utility>

#include "alpaca/inquiry.hpp"
#include "alpaca/order_codec.hpp"
#include "alpaca/resolution.hpp"
#include "alpaca/verdict.hpp"

namespace leasehold::alpaca::detail {
namespace {

// An order that an earlier cancel has reached may be refused another.
bool is_cancelled(const Requester& requester, std::string_view path, Deadline deadline,
                  const CallOptions& options) noexcept {
  const Result<Order> seen = verdict<Order>(
      requester.send(Method::get, path, {}, deadline, Lane::urgent, options), read_order);
  const auto* const order = std::get_if<Order>(&seen);
  return order != nullptr &&
         (order->status == OrderStatus::pending_cancel || order->status == OrderStatus::canceled);
}

}  // namespace

Result<CancelRequested> cancel(const Requester& requester, std::string_view path, Deadline deadline,
                               const CallOptions& options) noexcept {
  const auto send = [&] {
    return verdict<CancelRequested>(
        requester.send(Method::del, path, {}, deadline, Lane::urgent, options),
        [](std::string_view) { return std::optional(CancelRequested()); });
  };
  const Clock& clock = requester.clock();
  Result<CancelRequested> first = send();
  if (!std::holds_alternative<InDoubt>(first)) return first;
  Inquiry inquiry(clock.now(), requester.settings());
  while (pause(clock, inquiry.next(), deadline, options.stop)) {
    const TimePoint asked = clock.now();
    Result<CancelRequested> next = send();
    // That this one was not sent says nothing of the first.
    if (is_for_good(next)) break;
    if (std::holds_alternative<CancelRequested>(next)) return next;
    const auto* const refused = std::get_if<Refused>(&next);
    const int status = refused != nullptr ? refused->status : 0;
    if (status == 422 && is_cancelled(requester, path, deadline, options)) return CancelRequested();
    // Others (429, 401) are about this request, not about the order.
    if (status == 404 || status == 422) return next;
    inquiry.ask_again(asked, clock.now());
  }
  return first;
}

}  // namespace leasehold::alpaca::detail
