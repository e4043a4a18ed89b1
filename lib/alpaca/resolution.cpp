#include "alpaca/resolution.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "alpaca/order_codec.hpp"
#include "alpaca/order_query.hpp"

namespace leasehold::alpaca::detail {
namespace {

// Takes what a look-up that was begun at `asked` has found.
void take(OrderInDoubt& order, Result<Order>&& seen, TimePoint asked, TimePoint now) {
  if (auto* const one = std::get_if<Order>(&seen)) {
    std::string difference = order.differs ? order.differs(*one) : std::string();
    if (difference.empty()) {
      order.found = Accepted{std::move(*one)};
    } else {
      order.unknown.fault.detail = std::move(difference);
      order.found = order.unknown;
    }
    return;
  }
  if (is_not_found(seen) && !order.doubt.is_taken && order.inquiry.proves_absence(asked)) {
    order.found = NotSent{.fault = order.unknown.fault, .absent = true};
    return;
  }
  order.inquiry.ask_again(asked, now);
}

}  // namespace

Result<Order> look_up(const Requester& requester, std::string_view client_order_id, Lane usual_lane,
                      Deadline deadline, const CallOptions& options) {
  const std::string path = std::string(kOrdersPath) + ":by_client_order_id?client_order_id=" +
                           percent_encoded(client_order_id);
  return requester.ask<Order>(Method::get, path, deadline, usual_lane, options,
                              [&](std::string_view answer) {
                                std::optional<Order> order = read_order(answer);
                                // Another's order would be another's answer.
                                if (order && order->client_order_id != client_order_id)
                                  order.reset();
                                return order;
                              });
}

void resolve(const Requester& requester, std::span<OrderInDoubt> orders, Deadline deadline,
             const CallOptions& options) noexcept {
  CallOptions urgent = options;
  urgent.lane = Lane::urgent;  // whichever the order's own is
  for (;;) {
    OrderInDoubt* due = nullptr;
    for (OrderInDoubt& order : orders) {
      if (!order.found && (due == nullptr || order.inquiry.next() < due->inquiry.next())) {
        due = &order;
      }
    }
    if (due == nullptr) return;
    if (!pause(requester.clock(), due->inquiry.next(), deadline, options.stop)) return;
    const TimePoint asked = requester.clock().now();
    try {
      Result<Order> seen =
          look_up(requester, due->unknown.client_order_id, Lane::urgent, deadline, urgent);
      if (is_for_good(seen)) return;
      take(*due, std::move(seen), asked, requester.clock().now());
    } catch (...) {  // no memory for it now
      due->inquiry.ask_again(asked, requester.clock().now());
    }
  }
}

}  // namespace leasehold::alpaca::detail
