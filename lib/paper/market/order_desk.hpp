#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "paper/market/accounts.hpp"
#include "paper/market/ledger_book.hpp"
#include "paper/market/order.hpp"
#include "paper/market/order_book.hpp"
#include "paper/market/order_query.hpp"
#include "system/mutex.hpp"

namespace leasehold::paper::detail {

// How a request that makes an order came in.
struct Arrival {
  std::int64_t received_ns = 0;
  std::uint64_t connection = 0;
  std::uint64_t body_hash = 0;
  std::optional<std::size_t> account = kFirstAccount;  // nothing: no account's keys were shown
};

// Why nothing is found by an id, whichever of the two.
ApiError order_not_found(std::string_view id);
// Why there is no second order with a client_order_id that this one has.
ApiError spent(const Order& by);

// Where orders are made: decides on uniqueness, commits, and writes every decision to the ledger in
// the same step. Knows nothing of replies but when they left. No I/O; time is injected.
//
// Promise: in an account, a client_order_id is committed at most once; an order and its entry are
//   made together, or neither is.
// Thread: any.
class OrderDesk {
 public:
  // Nanoseconds since the epoch; called under the lock.
  using Clock = std::function<std::int64_t()>;
  // For these accounts, or for one without a name.
  explicit OrderDesk(Clock clock, const std::vector<PaperAccount>& accounts = {});

  struct Decision {
    std::uint64_t seq = 0;       // in the ledger
    std::optional<Order> order;  // what was committed
    ApiError error{};            // if nothing was, why
  };
  // `id` becomes the order's; a client_order_id and the arrival's account must be set. If it throws
  // std::bad_alloc, there is neither an order nor an entry, and the client_order_id is free.
  Decision place(const Arrival& arrival, OrderTerms terms, std::string id);

  // What a replacement shall be, from the order that it is for; or what keeps it from being one.
  using Amend = std::function<std::variant<OrderTerms, ApiError>(const Order&)>;
  // The same for an order that takes the place of the one with this id, if that is open. The one
  // ends as the other is made, or neither. `client_order_id`: of the terms that amend() makes.
  Decision replace(const Arrival& arrival, std::string_view of, std::string_view client_order_id,
                   const Amend& amend, std::string id);

  // The order as it is then; cancelled twice is cancelled. Nothing: there is none.
  std::optional<Order> cancel(std::string_view id, std::size_t account = kFirstAccount);
  // Those that were open.
  std::vector<Order> cancel_all(std::size_t account = kFirstAccount);

  // Notes an arrival that breaks the rules, and of its id the first kMaxClientOrderId characters.
  // Returns its seq.
  std::uint64_t refuse(const Arrival& arrival, std::string_view client_order_id, int status);
  // The answer to `seq` has left.
  void replied(std::uint64_t seq);

  std::optional<Order> find(std::string_view client_order_id,
                            std::size_t account = kFirstAccount) const;
  std::optional<Order> find_by_id(std::string_view id, std::size_t account = kFirstAccount) const;
  std::vector<Order> list(const OrderQuery& query, std::size_t account = kFirstAccount) const;
  std::vector<LedgerEntry> ledger() const;
  std::uint64_t count(OrderOutcome outcome) const;

 private:
  struct AccountBook {
    const std::string name;
    OrderBook orders{};
  };
  LedgerEntry entry_of(const Arrival& arrival, std::string_view client_order_id) const
      LEASEHOLD_REQUIRES(mutex_);
  // Makes it, and its entry, unless its client_order_id is spent. Throws std::bad_alloc, and has
  // made neither.
  Decision commit(const Arrival& arrival, Order order) LEASEHOLD_REQUIRES(mutex_);
  std::uint64_t note_refusal(const Arrival& arrival, std::string_view client_order_id, int status)
      LEASEHOLD_REQUIRES(mutex_);
  static void cancel(Order& order, std::int64_t now_ns) noexcept;
  std::string_view name_of(const Arrival& arrival) const LEASEHOLD_REQUIRES(mutex_);

  const Clock clock_;

  mutable leasehold::detail::Mutex mutex_;
  LedgerBook book_ LEASEHOLD_GUARDED_BY(mutex_);
  // Sought in by const members too.
  mutable std::vector<AccountBook> accounts_ LEASEHOLD_GUARDED_BY(mutex_);
};

}  // namespace leasehold::paper::detail
