#include "alpaca/order_making.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "alpaca/order_codec.hpp"
#include "alpaca/problem.hpp"
#include "alpaca/resolution.hpp"

namespace leasehold::alpaca::detail {
namespace {

// "BTC/USD" is also written "BTCUSD".
bool is_same_symbol(std::string_view a, std::string_view b) {
  std::string joined_a(a);
  std::string joined_b(b);
  std::erase(joined_a, '/');
  std::erase(joined_b, '/');
  return joined_a == joined_b;
}

std::string shown(const std::optional<Decimal>& number) { return number ? number->text() : "none"; }

std::string differs(std::string_view field, std::string_view has, std::string_view wanted) {
  return problem(std::string("the order with this client_order_id: ").append(field), has, wanted);
}

struct Number {
  const char* field;
  const std::optional<Decimal>& meant;
  const std::optional<Decimal>& seen;
};

// What was not given, or the venue leaves out, is as it should be.
std::string difference(std::span<const Number> numbers) {
  for (const Number& number : numbers) {
    if (number.meant && number.seen && *number.meant != *number.seen) {
      return differs(number.field, shown(number.seen), shown(number.meant));
    }
  }
  return {};
}

template <class Word>
bool is_other(const Named<Word>& seen, Word meant) {
  return !seen.text.empty() && seen != meant;
}

// In which of its terms the venue's order is not the one that was meant; empty if in none.
std::string difference(const NewOrder& meant, const Order& seen) {
  if (!seen.replaces.empty()) return differs("replaces", seen.replaces, "none");
  // An asset may be named by its id.
  if (!seen.symbol.empty() && !is_same_symbol(seen.symbol, meant.symbol) &&
      seen.asset_id != meant.symbol) {
    return differs("symbol", seen.symbol, meant.symbol);
  }
  if (meant.order_class != OrderClass::mleg && is_other(seen.side, meant.side)) {
    return differs("side", seen.side.text, to_string(meant.side));
  }
  if (is_other(seen.type, meant.type)) {
    return differs("type", seen.type.text, to_string(meant.type));
  }
  if (is_other(seen.time_in_force, meant.time_in_force)) {
    return differs("time_in_force", seen.time_in_force.text, to_string(meant.time_in_force));
  }
  if (is_other(seen.order_class, meant.order_class)) {
    return differs("order_class", seen.order_class.text, to_string(meant.order_class));
  }
  // One of the two, where the other is meant.
  if (meant.qty && !seen.qty && seen.notional) return differs("qty", "none", shown(meant.qty));
  if (meant.notional && !seen.notional && seen.qty) {
    return differs("notional", "none", shown(meant.notional));
  }
  if (!seen.legs.empty() && !meant.legs.empty() && seen.legs.size() != meant.legs.size()) {
    return differs("legs", std::to_string(seen.legs.size()), std::to_string(meant.legs.size()));
  }
  for (const NewLeg& leg : meant.legs) {
    const bool is_there = std::ranges::any_of(seen.legs, [&leg](const Order& each) {
      return is_same_symbol(each.symbol, leg.symbol) || each.asset_id == leg.symbol;
    });
    if (!seen.legs.empty() && !is_there) return differs("legs", "another", leg.symbol);
  }
  const Number numbers[] = {{"qty", meant.qty, seen.qty},
                            {"notional", meant.notional, seen.notional},
                            {"limit_price", meant.limit_price, seen.limit_price},
                            {"stop_price", meant.stop_price, seen.stop_price},
                            {"trail_price", meant.trail_price, seen.trail_price},
                            {"trail_percent", meant.trail_percent, seen.trail_percent}};
  return difference(numbers);
}

std::string difference(const std::string& replaced, const Replacement& meant, const Order& seen) {
  if (seen.replaces != replaced) return differs("replaces", seen.replaces, replaced);
  if (meant.time_in_force && is_other(seen.time_in_force, *meant.time_in_force)) {
    return differs("time_in_force", seen.time_in_force.text, to_string(*meant.time_in_force));
  }
  const Number numbers[] = {{"qty", meant.qty, seen.qty},
                            {"limit_price", meant.limit_price, seen.limit_price},
                            {"stop_price", meant.stop_price, seen.stop_price}};
  return difference(numbers);
}

// The venue refuses an id that it has seen before, be it of this very order.
bool says_taken(const Result<Accepted>& result) noexcept {
  const auto* const refused = std::get_if<Refused>(&result);
  return refused != nullptr && refused->status == 422 &&
         refused->message.find("client_order_id must be unique") != std::string::npos;
}

Result<Accepted> sent_once(const Requester& requester, Making& making, Deadline deadline,
                           const CallOptions& options) noexcept {
  const auto read = [&making](std::string_view answer) {
    std::optional<Order> order = read_order(answer);
    std::optional<Accepted> accepted;
    // Another's order would be another's answer.
    if (order && order->client_order_id == making.intent.client_order_id) {
      accepted = Accepted{*std::move(order)};
    }
    return accepted;
  };
  return requester.ask<Accepted>(making.method, making.path, making.intent.body, deadline,
                                 Lane::normal, options, read, making.spare_id);
}

// False: there is no memory for it.
bool with_spare_id(Making& making) noexcept {
  try {
    making.spare_id = making.intent.client_order_id;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// What becomes known of it.
OrderInDoubt looked_up(const Requester& requester, Making& making, InDoubt&& unknown,
                       const Doubt& doubt, Deadline deadline, const CallOptions& options) noexcept {
  OrderInDoubt order(std::move(unknown), doubt, requester.settings());
  order.differs = std::move(making.differs);
  resolve(requester, std::span(&order, 1), deadline, options);
  making.differs = std::move(order.differs);
  return order;
}

}  // namespace

Making making_of(const NewOrder& order) {
  return {.method = Method::post,
          .path = std::string(kOrdersPath),
          .intent = {.client_order_id = order.client_order_id, .body = write_order(order)},
          .spare_id = order.client_order_id,
          .differs = [order](const Order& seen) { return difference(order, seen); }};
}

Making making_of(std::string_view order_id, std::string path, const Replacement& replacement) {
  return {.method = Method::patch,
          .path = std::move(path),
          .intent = {.client_order_id = replacement.client_order_id,
                     .replaces = std::string(order_id),
                     .body = write_replacement(replacement)},
          .spare_id = replacement.client_order_id,
          .differs = [id = std::string(order_id), replacement](const Order& seen) {
            return difference(id, replacement, seen);
          }};
}

Result<Accepted> make(const Requester& requester, Intents::Hold& hold, Making& making,
                      Deadline deadline, const CallOptions& options) noexcept {
  std::optional<Doubt> doubt = hold.doubt();
  const auto look_up = [&](InDoubt&& unknown) noexcept {
    return looked_up(requester, making, std::move(unknown), *doubt, deadline, options);
  };
  for (;;) {
    const bool is_new = !doubt;
    Result<Accepted> result = InDoubt{};
    if (!is_new) {
      result = known(look_up({.client_order_id = std::move(making.spare_id)}));
    } else if (!hold.begin(making.intent)) {
      return NotSent{.fault = {.phase = Phase::prepare,
                               .cause = Cause::out_of_resources,
                               .detail = "the journal"}};
    } else {
      result = sent_once(requester, making, deadline, options);
      if (auto* const in_doubt = std::get_if<InDoubt>(&result)) {
        doubt = Doubt{.since = requester.clock().now()};
        result = known(look_up(std::move(*in_doubt)));
      } else if (says_taken(result)) {
        doubt = Doubt{.since = requester.clock().now(), .is_taken = true};
        OrderInDoubt order =
            look_up({.client_order_id = std::move(making.spare_id), .status = 422});
        // Another order has the id: then this one was refused, as the venue said.
        const bool is_others = order.found && std::holds_alternative<InDoubt>(*order.found);
        if (!is_others) result = known(std::move(order));
      }
    }
    const auto* const not_sent = std::get_if<NotSent>(&result);
    const bool is_absent = not_sent != nullptr && not_sent->absent;
    const bool again = is_absent && (options.resubmit_if_absent || !is_new) &&
                       !options.stop.stop_requested() && requester.clock().now() < deadline.at() &&
                       with_spare_id(making);
    if (!again) {
      hold.end(result, doubt.value_or(Doubt()));
      return result;
    }
    doubt.reset();
  }
}

}  // namespace leasehold::alpaca::detail
