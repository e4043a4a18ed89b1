#include "alpaca/cancelling.hpp"

#include <optional>
#include <utility>

#include "alpaca/inquiry.hpp"
#include "alpaca/order_codec.hpp"
#include "alpaca/resolution.hpp"

namespace leasehold::alpaca::detail {
namespace {

// What the venue has of the order; nothing: that is not known.
std::optional<OrderStatus> status_of(const Requester& requester, std::string_view path,
                                     Deadline deadline, const CallOptions& options) noexcept {
  const auto seen =
      requester.ask<Order>(Method::get, path, deadline, Lane::urgent, options, read_order);
  const auto* const order = std::get_if<Order>(&seen);
  return order != nullptr ? order->status.known : std::nullopt;
}

}  // namespace

Result<CancelRequested> cancel(const Requester& requester, std::string_view path, Deadline deadline,
                               const CallOptions& options) noexcept {
  const auto send = [&] {
    return requester.ask<CancelRequested>(
        Method::del, path, deadline, Lane::urgent, options,
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
    if (is_not_found(next)) return next;
    // An order that the first one has reached may be refused another. Other refusals (429, 401) are
    // about this request, not about the order.
    const auto* const refused = std::get_if<Refused>(&next);
    if (refused != nullptr && refused->status == 422) {
      const std::optional<OrderStatus> status = status_of(requester, path, deadline, options);
      if (status == OrderStatus::pending_cancel || status == OrderStatus::canceled) {
        return CancelRequested();
      }
      if (status) return next;
    }
    inquiry.ask_again(asked, clock.now());
  }
  return first;
}

}  // namespace leasehold::alpaca::detail
