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
#include "leasehold/alpaca/journal.hpp"
#include "leasehold/alpaca/order.hpp"
#include "leasehold/alpaca/order_query.hpp"
#include "leasehold/alpaca/rate_budget.hpp"
#include "leasehold/alpaca/result.hpp"
#include "leasehold/alpaca/trading_settings.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::detail {
class Clock;
}

namespace leasehold::alpaca {

namespace detail {
struct TradingState;
}

// How a call is made; all of it is optional.
struct CallOptions {
  // Not given: urgent for cancels, normal for all else.
  std::optional<Lane> lane = {};
  // Triggered, it ends the call.
  std::stop_token stop = {};
  // Whose call it is, in place of the client's own; must last until the call returns. Such a call
  // counts in no rate budget, and its order is kept in no journal.
  const Credentials* credentials = nullptr;
  // Of submit() and replace(): an order that was in doubt, and is known not to exist, is sent once
  // more, byte by byte the same, if there is time.
  bool resubmit_if_absent = false;
};

// What a client works with besides its source; what is given must outlive it.
struct TradingParts {
  // Keeps every order that submit() and replace() make. None: nothing is kept.
  Journal* journal = nullptr;
  // The account's, shared with others that send for it. None: the client has one of its own.
  RateBudget* rate_budget = nullptr;
};

// The venue has taken the cancel. The order may still be filled before it is cancelled: look.
struct CancelRequested {};

// What became of an intent that the journal had open.
struct Recovered {
  Intent intent;
  Result<Accepted> result;
};

// Alpaca's Trading API, for one tenant, over clients that all tenants share.
//
//   ClientPool pool({.origin = "https://paper-api.alpaca.markets"}, {.size = 16});
//   alpaca::TradingClient client(pool, alpaca::credentials_from_environment());
//   ...in any thread:
//   const auto result = client.submit({.symbol = "SPY", .qty = Decimal::of(1)}, in_500_ms);
//
// Promise: every call ends by its deadline with one of the four results, and none throws. What is
//   wrong with a call is found before anything is sent (NotSent, Cause::invalid_request, with the
//   field in its detail). The client is given back before its answer is decoded.
// At most one order for an intent: its client_order_id is fixed before its first byte is sent. When
//   it is in doubt whether the venue has it, it is looked up by that id, in the urgent lane, until
//   it is found (Accepted), or can no longer come to be (NotSent, `absent`), or the deadline ends
//   the call (InDoubt). It is not sent again unless it is known not to exist and the caller wants
//   that. A submit() or replace() for an id that this client has in doubt, or that its journal has
//   open, looks it up first; one for an id that another call has under way only looks it up.
//   "client_order_id must be unique" is no refusal if the venue's order with that id is this one:
//   it was sent before, and is accepted.
// Thread: every member may be called from any thread at any time, the destructor excepted.
// Cost: an order is one allocation or two for its JSON, and what the source takes to send it; the
//   call waits for the answer, over a RequestChannel too.
class LEASEHOLD_API TradingClient {
 public:
  // `source`, a ClientPool, ClientPerThread or RequestChannel to the venue, must outlive this.
  // Throws SettingsError for credentials and settings that cannot be used, what the journal's
  // open() throws, and std::bad_alloc.
  template <detail::Carries Source>
  TradingClient(Source& source, const Credentials& credentials,
                const TradingSettings& settings = {}, const TradingParts& parts = {})
      : TradingClient(std::make_unique<detail::CarrierOver<Source>>(source), credentials, settings,
                      parts) {}
  // For the library and its tests: with a clock of theirs, or the steady one.
  TradingClient(std::unique_ptr<detail::Carrier> carrier, const Credentials& credentials,
                const TradingSettings& settings = {}, const TradingParts& parts = {},
                const leasehold::detail::Clock* clock = nullptr);
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
  // Whether there is an order with this client_order_id, which was in doubt: asks as submit() does,
  // as if it had been sent until now.
  Result<Accepted> resolve(std::string_view client_order_id, Deadline deadline,
                           const CallOptions& options = {}) const noexcept;
  // The same for every intent that the journal has open, in its order; those that end are ended in
  // it. For an engine that starts again, before it submits. None if there is no journal. Throws
  // what the journal throws, and std::bad_alloc; the journal is then as it was, or knows more.
  std::vector<Recovered> recover(Deadline deadline, const CallOptions& options = {}) const;

  // DELETE /v2/orders/{id}. In doubt, it is sent again until there is an answer: cancelled twice is
  // cancelled.
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
  std::unique_ptr<detail::TradingState> state_;
};

}  // namespace leasehold::alpaca
