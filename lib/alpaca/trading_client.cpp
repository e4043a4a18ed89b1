#include "leasehold/alpaca/trading_client.hpp"

#include <deque>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "alpaca/cancelling.hpp"
#include "alpaca/client_order_id.hpp"
#include "alpaca/order_codec.hpp"
#include "alpaca/order_making.hpp"
#include "alpaca/order_query.hpp"
#include "alpaca/problem.hpp"
#include "alpaca/requester.hpp"
#include "alpaca/resolution.hpp"

namespace leasehold::alpaca {

using namespace detail;

namespace {

NotSent invalid(std::string problem) noexcept {
  return {.fault = {.phase = Phase::prepare,
                    .cause = Cause::invalid_request,
                    .detail = std::move(problem)}};
}

NotSent out_of_resources() noexcept {
  return {.fault = {.phase = Phase::prepare, .cause = Cause::out_of_resources}};
}

// What goes before the first byte may run out of memory; nothing has been sent then.
template <class Value, class Call>
Result<Value> before_sending(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return out_of_resources();
  }
}

// As a segment of a path, where a name that is empty or "." is another resource: what is meant for
// one order would be for all of them. Empty: it cannot be one.
std::string segment(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return {};
  return '/' + percent_encoded(name);
}

NotSent no_segment(std::string_view field, std::string_view value) {
  return invalid(problem(field, value, "one of the venue's"));
}

// What is wrong with an order or a replacement, which is given a client_order_id if it has none;
// nothing: it can be made.
template <class Terms>
std::optional<NotSent> unfit(Terms& terms) {
  if (terms.client_order_id.empty()) terms.client_order_id = new_client_order_id();
  if (terms.client_order_id.empty()) return out_of_resources();
  if (std::string wrong = problem_of(terms); !wrong.empty()) return invalid(std::move(wrong));
  return std::nullopt;
}

template <class Value, class Read>
Result<Value> get(const Requester& requester, std::string_view path, Read read, Deadline deadline,
                  const CallOptions& options) noexcept {
  return requester.ask<Value>(Method::get, path, deadline, Lane::normal, options, read);
}

}  // namespace

namespace detail {

Carrier::~Carrier() = default;

struct TradingState {
  TradingState(std::unique_ptr<Carrier> carrier, const Credentials& credentials,
               const TradingSettings& settings, const TradingParts& parts, const Clock& clock)
      : requester(std::move(carrier), credentials, settings,
                  parts.rate_budget != nullptr ? *parts.rate_budget : own_budget, clock),
        intents(parts.journal, clock.now()) {}

  LocalRateBudget own_budget;
  const Requester requester;
  Intents intents;
};

namespace {

// Runs this call with a hold on the order's id. Another account's orders are not this one's.
template <class Call>
Result<Accepted> holding(TradingState& state, std::string_view client_order_id,
                         const CallOptions& options, Call call) {
  Intents others(nullptr, {});
  Intents::Hold hold(options.credentials == nullptr ? state.intents : others, client_order_id);
  return call(hold);
}

Result<Accepted> make(TradingState& state, Making& making, Deadline deadline,
                      const CallOptions& options) {
  return holding(state, making.intent.client_order_id, options, [&](Intents::Hold& hold) {
    return make(state.requester, hold, making, deadline, options);
  });
}

}  // namespace

}  // namespace detail

TradingClient::TradingClient(std::unique_ptr<Carrier> carrier, const Credentials& credentials,
                             const TradingSettings& settings, const TradingParts& parts,
                             const Clock* clock)
    : state_(std::make_unique<TradingState>(
          std::move(carrier), credentials, settings, parts,
          clock != nullptr ? *clock : leasehold::detail::kSteadyClock)) {}
TradingClient::~TradingClient() = default;
TradingClient::TradingClient(TradingClient&& other) noexcept = default;
TradingClient& TradingClient::operator=(TradingClient&& other) noexcept = default;

Result<Accepted> TradingClient::submit(NewOrder order, Deadline deadline,
                                       const CallOptions& options) const noexcept {
  return before_sending<Accepted>([&]() -> Result<Accepted> {
    if (std::optional<NotSent> problem = unfit(order)) return *std::move(problem);
    Making making = making_of(order);
    return make(*state_, making, deadline, options);
  });
}

Result<Accepted> TradingClient::replace(std::string_view order_id, Replacement replacement,
                                        Deadline deadline,
                                        const CallOptions& options) const noexcept {
  return before_sending<Accepted>([&]() -> Result<Accepted> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    if (std::optional<NotSent> problem = unfit(replacement)) return *std::move(problem);
    Making making = making_of(order_id, std::string(kOrdersPath) + its, replacement);
    return make(*state_, making, deadline, options);
  });
}

Result<Accepted> TradingClient::resolve(std::string_view client_order_id, Deadline deadline,
                                        const CallOptions& options) const noexcept {
  return before_sending<Accepted>([&]() -> Result<Accepted> {
    if (client_order_id.empty()) return no_segment("client_order_id", client_order_id);
    return holding(*state_, client_order_id, options, [&](Intents::Hold& hold) {
      const Requester& requester = state_->requester;
      OrderInDoubt order({.client_order_id = std::string(client_order_id)},
                         hold.doubt().value_or(Doubt{.since = requester.clock().now()}),
                         requester.settings());
      detail::resolve(requester, std::span(&order, 1), deadline, options);
      const Doubt doubt = order.doubt;
      Result<Accepted> result = known(std::move(order));
      hold.end(result, doubt);
      return result;
    });
  });
}

std::vector<Recovered> TradingClient::recover(Deadline deadline, const CallOptions& options) const {
  const Requester& requester = state_->requester;
  CallOptions own = options;
  own.credentials = nullptr;  // it is this account's journal
  std::vector<Intent> intents = state_->intents.open();
  std::deque<Intents::Hold> holds;
  std::vector<OrderInDoubt> orders;
  orders.reserve(intents.size());
  for (const Intent& intent : intents) {
    Intents::Hold& hold = holds.emplace_back(state_->intents, intent.client_order_id);
    OrderInDoubt& order = orders.emplace_back(
        InDoubt{.client_order_id = intent.client_order_id},
        hold.doubt().value_or(Doubt{.since = requester.clock().now()}), requester.settings());
    order.differs = [&intent](const Order& seen) {
      if (seen.replaces == intent.replaces) return std::string();
      return problem("the order with this client_order_id: replaces", seen.replaces,
                     intent.replaces);
    };
  }
  std::vector<Recovered> recovered;
  recovered.reserve(intents.size());
  detail::resolve(requester, orders, deadline, own);
  for (std::size_t i = 0; i < intents.size(); ++i) {
    const Doubt doubt = orders[i].doubt;
    Result<Accepted> result = known(std::move(orders[i]));
    holds[i].end(result, doubt);
    recovered.push_back({.intent = std::move(intents[i]), .result = std::move(result)});
  }
  return recovered;
}

Result<CancelRequested> TradingClient::cancel(std::string_view order_id, Deadline deadline,
                                              const CallOptions& options) const noexcept {
  return before_sending<CancelRequested>([&]() -> Result<CancelRequested> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    return detail::cancel(state_->requester, std::string(kOrdersPath) + its, deadline, options);
  });
}

Result<std::vector<Cancelled>> TradingClient::cancel_all(
    Deadline deadline, const CallOptions& options) const noexcept {
  return state_->requester.ask<std::vector<Cancelled>>(Method::del, kOrdersPath, deadline,
                                                       Lane::urgent, options, read_cancelled);
}

Result<Order> TradingClient::order(std::string_view order_id, Deadline deadline,
                                   const CallOptions& options) const noexcept {
  return before_sending<Order>([&]() -> Result<Order> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    return get<Order>(state_->requester, std::string(kOrdersPath) + its + "?nested=true",
                      read_order, deadline, options);
  });
}

Result<Order> TradingClient::order_by_client_id(std::string_view client_order_id, Deadline deadline,
                                                const CallOptions& options) const noexcept {
  return before_sending<Order>([&]() -> Result<Order> {
    if (client_order_id.empty()) return no_segment("client_order_id", client_order_id);
    return look_up(state_->requester, client_order_id, Lane::normal, deadline, options);
  });
}

Result<std::vector<Order>> TradingClient::orders(const OrderQuery& query, Deadline deadline,
                                                 const CallOptions& options) const noexcept {
  return before_sending<std::vector<Order>>([&]() -> Result<std::vector<Order>> {
    if (std::string wrong = problem_of(query); !wrong.empty()) {
      return invalid(std::move(wrong));
    }
    return get<std::vector<Order>>(state_->requester, orders_path(query), read_orders, deadline,
                                   options);
  });
}

Result<std::vector<Position>> TradingClient::positions(Deadline deadline,
                                                       const CallOptions& options) const noexcept {
  return get<std::vector<Position>>(state_->requester, "/v2/positions", read_positions, deadline,
                                    options);
}

Result<Position> TradingClient::position(std::string_view symbol, Deadline deadline,
                                         const CallOptions& options) const noexcept {
  return before_sending<Position>([&]() -> Result<Position> {
    const std::string its = segment(symbol);
    if (its.empty()) return no_segment("symbol", symbol);
    return get<Position>(state_->requester, "/v2/positions" + its, read_position, deadline,
                         options);
  });
}

Result<Account> TradingClient::account(Deadline deadline,
                                       const CallOptions& options) const noexcept {
  return get<Account>(state_->requester, "/v2/account", read_account, deadline, options);
}

Result<MarketClock> TradingClient::clock(Deadline deadline,
                                         const CallOptions& options) const noexcept {
  return get<MarketClock>(state_->requester, "/v2/clock", read_clock, deadline, options);
}

}  // namespace leasehold::alpaca
