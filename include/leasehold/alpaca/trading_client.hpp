#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/alpaca/account.hpp"
#include "leasehold/alpaca/credentials.hpp"
#include "leasehold/alpaca/detail/carrier.hpp"
#include "leasehold/alpaca/order.hpp"
#include "leasehold/alpaca/order_query.hpp"
#include "leasehold/alpaca/result.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::alpaca {

namespace detail {
class Requester;
}

// How a call is made; all of it is optional.
struct CallOptions {
  // Not given: urgent for cancels, normal for all else.
  std::optional<Lane> lane = {};
  // Triggered, it ends the call.
  std::stop_token stop = {};
  // Whose call it is, in place of the client's own; must last until the call returns.
  const Credentials* credentials = nullptr;
};

// The venue has taken the cancel. The order may still be filled before it is cancelled: look.
struct CancelRequested {};

// Alpaca's Trading API, for one tenant, over clients that all tenants share.
//
//   ClientPool pool({.origin = "https://paper-api.alpaca.markets"}, {.size = 16});
//   alpaca::TradingClient client(pool, alpaca::credentials_from_environment());
//   ...in any thread:
//   const auto result = client.submit({.symbol = "SPY", .qty = Decimal::of(1)}, in_500_ms);
//
// Promise: every call ends by its deadline with one of the four results, and none throws. What is
//   wrong with a call is found before anything is sent (NotSent, Cause::invalid_request, with the
//   field in its detail). An order's client_order_id is fixed before its first byte is sent, and
//   its request is sent at most once. The client is given back before its answer is decoded.
// Thread: every member may be called from any thread at any time, the destructor excepted.
// Cost: an order is one allocation or two for its JSON, and what the source takes to send it; the
//   call waits for the answer, over a RequestChannel too.
class LEASEHOLD_API TradingClient {
 public:
  // `source`, a ClientPool, ClientPerThread or RequestChannel to the venue, must outlive this.
  // Throws SettingsError for credentials that cannot be sent, and std::bad_alloc.
  template <detail::Carries Source>
  TradingClient(Source& source, const Credentials& credentials)
      : TradingClient(std::make_unique<detail::CarrierOver<Source>>(source), credentials) {}
  // For the library and its tests.
  TradingClient(std::unique_ptr<detail::Carrier> carrier, const Credentials& credentials);
  ~TradingClient();
  TradingClient(TradingClient&& other) noexcept;
  TradingClient& operator=(TradingClient&& other) noexcept;

  // POST /v2/orders. Without a client_order_id the order is given one that no other has (a random
  // UUID); Accepted and InDoubt say which.
  Result<Accepted> submit(NewOrder order, Deadline deadline,
                          const CallOptions& options = {}) const noexcept;
  // PATCH /v2/orders/{id}: Accepted has the new order. It replaces the old one if that is not
  // filled before. The new order's client_order_id is as submit()'s.
  Result<Accepted> replace(std::string_view order_id, Replacement replacement, Deadline deadline,
                           const CallOptions& options = {}) const noexcept;
  // DELETE /v2/orders/{id}
  Result<CancelRequested> cancel(std::string_view order_id, Deadline deadline,
                                 const CallOptions& options = {}) const noexcept;
  // DELETE /v2/orders: all that are open, each with its own status.
  Result<std::vector<Cancelled>> cancel_all(Deadline deadline,
                                            const CallOptions& options = {}) const noexcept;

  // GET /v2/orders/{id}, and by the client_order_id; with its legs. Refused with status 404: the
  // venue shows none now. One that is in doubt may still come to be.
  Result<Order> order(std::string_view order_id, Deadline deadline,
                      const CallOptions& options = {}) const noexcept;
  Result<Order> order_by_client_id(std::string_view client_order_id, Deadline deadline,
                                   const CallOptions& options = {}) const noexcept;
  // GET /v2/orders: one page.
  Result<std::vector<Order>> orders(const OrderQuery& query, Deadline deadline,
                                    const CallOptions& options = {}) const noexcept;

  // GET /v2/positions, and one; GET /v2/account; GET /v2/clock.
  Result<std::vector<Position>> positions(Deadline deadline,
                                          const CallOptions& options = {}) const noexcept;
  Result<Position> position(std::string_view symbol, Deadline deadline,
                            const CallOptions& options = {}) const noexcept;
  Result<Account> account(Deadline deadline, const CallOptions& options = {}) const noexcept;
  Result<MarketClock> clock(Deadline deadline, const CallOptions& options = {}) const noexcept;

 private:
  std::unique_ptr<detail::Requester> requester_;
};

}  // namespace leasehold::alpaca
