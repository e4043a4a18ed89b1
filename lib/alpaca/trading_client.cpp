#include "leasehold/alpaca/trading_client.hpp"

#include <new>
#include <utility>

#include "alpaca/client_order_id.hpp"
#include "alpaca/order_codec.hpp"
#include "alpaca/order_query.hpp"
#include "alpaca/problem.hpp"
#include "alpaca/requester.hpp"
#include "alpaca/verdict.hpp"

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

// Makes an order: POST and PATCH. Its request names it before anything is sent.
template <class Terms, class Write>
Result<Accepted> make_order(const Requester& requester, Method method, std::string_view path,
                            Terms& terms, Write write, Deadline deadline,
                            const CallOptions& options) {
  if (terms.client_order_id.empty()) terms.client_order_id = new_client_order_id();
  if (terms.client_order_id.empty()) return out_of_resources();
  if (std::string wrong = problem_of(terms); !wrong.empty()) return invalid(std::move(wrong));
  const std::string body = write(terms);
  const std::string id = terms.client_order_id;
  return verdict<Accepted>(requester.send(method, path, body, deadline, Lane::normal, options),
                           std::move(terms.client_order_id), [&id](std::string_view answer) {
                             std::optional<Order> order = read_order(answer);
                             std::optional<Accepted> accepted;
                             // Another's order would be another's answer.
                             if (order && order->client_order_id == id)
                               accepted.emplace(*std::move(order));
                             return accepted;
                           });
}

template <class Value, class Read>
Result<Value> ask(const Requester& requester, std::string_view path, Read read, Deadline deadline,
                  const CallOptions& options) noexcept {
  return verdict<Value>(requester.send(Method::get, path, {}, deadline, Lane::normal, options), {},
                        read);
}

}  // namespace

namespace detail {
Carrier::~Carrier() = default;
}

TradingClient::TradingClient(std::unique_ptr<Carrier> carrier, const Credentials& credentials)
    : requester_(std::make_unique<Requester>(std::move(carrier), credentials)) {}
TradingClient::~TradingClient() = default;
TradingClient::TradingClient(TradingClient&& other) noexcept = default;
TradingClient& TradingClient::operator=(TradingClient&& other) noexcept = default;

Result<Accepted> TradingClient::submit(NewOrder order, Deadline deadline,
                                       const CallOptions& options) const noexcept {
  return before_sending<Accepted>([&] {
    return make_order(*requester_, Method::post, kOrdersPath, order, write_order, deadline,
                      options);
  });
}

Result<Accepted> TradingClient::replace(std::string_view order_id, Replacement replacement,
                                        Deadline deadline,
                                        const CallOptions& options) const noexcept {
  return before_sending<Accepted>([&]() -> Result<Accepted> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    return make_order(*requester_, Method::patch, std::string(kOrdersPath) + its, replacement,
                      write_replacement, deadline, options);
  });
}

Result<CancelRequested> TradingClient::cancel(std::string_view order_id, Deadline deadline,
                                              const CallOptions& options) const noexcept {
  return before_sending<CancelRequested>([&]() -> Result<CancelRequested> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    return verdict<CancelRequested>(
        requester_->send(Method::del, std::string(kOrdersPath) + its, {}, deadline, Lane::urgent,
                         options),
        {}, [](std::string_view) { return std::optional(CancelRequested()); });
  });
}

Result<std::vector<Cancelled>> TradingClient::cancel_all(
    Deadline deadline, const CallOptions& options) const noexcept {
  return verdict<std::vector<Cancelled>>(
      requester_->send(Method::del, kOrdersPath, {}, deadline, Lane::urgent, options), {},
      read_cancelled);
}

Result<Order> TradingClient::order(std::string_view order_id, Deadline deadline,
                                   const CallOptions& options) const noexcept {
  return before_sending<Order>([&]() -> Result<Order> {
    const std::string its = segment(order_id);
    if (its.empty()) return no_segment("order_id", order_id);
    return ask<Order>(*requester_, std::string(kOrdersPath) + its + "?nested=true", read_order,
                      deadline, options);
  });
}

Result<Order> TradingClient::order_by_client_id(std::string_view client_order_id, Deadline deadline,
                                                const CallOptions& options) const noexcept {
  return before_sending<Order>([&]() -> Result<Order> {
    if (client_order_id.empty()) return no_segment("client_order_id", client_order_id);
    const auto read = [&](std::string_view answer) {
      std::optional<Order> order = read_order(answer);
      if (order && order->client_order_id != client_order_id) order.reset();
      return order;
    };
    return ask<Order>(*requester_,
                      std::string(kOrdersPath) +
                          ":by_client_order_id?client_order_id=" + percent_encoded(client_order_id),
                      read, deadline, options);
  });
}

Result<std::vector<Order>> TradingClient::orders(const OrderQuery& query, Deadline deadline,
                                                 const CallOptions& options) const noexcept {
  return before_sending<std::vector<Order>>([&]() -> Result<std::vector<Order>> {
    if (std::string wrong = problem_of(query); !wrong.empty()) {
      return invalid(std::move(wrong));
    }
    return ask<std::vector<Order>>(*requester_, orders_path(query), read_orders, deadline, options);
  });
}

Result<std::vector<Position>> TradingClient::positions(Deadline deadline,
                                                       const CallOptions& options) const noexcept {
  return ask<std::vector<Position>>(*requester_, "/v2/positions", read_positions, deadline,
                                    options);
}

Result<Position> TradingClient::position(std::string_view symbol, Deadline deadline,
                                         const CallOptions& options) const noexcept {
  return before_sending<Position>([&]() -> Result<Position> {
    const std::string its = segment(symbol);
    if (its.empty()) return no_segment("symbol", symbol);
    return ask<Position>(*requester_, "/v2/positions" + its, read_position, deadline, options);
  });
}

Result<Account> TradingClient::account(Deadline deadline,
                                       const CallOptions& options) const noexcept {
  return ask<Account>(*requester_, "/v2/account", read_account, deadline, options);
}

Result<MarketClock> TradingClient::clock(Deadline deadline,
                                         const CallOptions& options) const noexcept {
  return ask<MarketClock>(*requester_, "/v2/clock", read_clock, deadline, options);
}

}  // namespace leasehold::alpaca
