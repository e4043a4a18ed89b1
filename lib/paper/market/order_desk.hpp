#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "paper/market/accounts.hpp"
#include "paper/market/ledger_book.hpp"
#include "paper/market/order.hpp"
#include "system/mutex.hpp"

namespace leasehold::paper::detail {

// How a POST /v2/orders came in.
struct Arrival {
  std::int64_t received_ns = 0;
  std::uint64_t connection = 0;
  std::uint64_t body_hash = 0;
  std::optional<std::size_t> account = kFirstAccount;  // nothing: no account's keys were shown
};

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
    std::optional<Order> order;  // what was committed; nothing: the id was spent before
  };
  // `id` becomes the order's; a client_order_id and the arrival's account must be set. If it throws
  // std::bad_alloc, there is neither an order nor an entry, and the client_order_id is free.
  Decision place(const Arrival& arrival, OrderTerms terms, std::string id);
  // Notes an arrival that breaks the rules, and of its id the first kMaxClientOrderId characters.
  // Returns its seq.
  std::uint64_t refuse(const Arrival& arrival, std::string_view client_order_id, int status);
  // The answer to `seq` has left.
  void replied(std::uint64_t seq);

  std::optional<Order> find(std::string_view client_order_id,
                            std::size_t account = kFirstAccount) const;
  std::vector<LedgerEntry> ledger() const;
  std::uint64_t count(OrderOutcome outcome) const;

 private:
  // Orders are told apart by client_order_id, and found by it.
  static std::string_view key(std::string_view client_order_id) { return client_order_id; }
  static std::string_view key(const Order& order) { return order.terms.client_order_id; }
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const auto& of) const { return std::hash<std::string_view>()(key(of)); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return key(a) == key(b); }
  };

  struct AccountBook {
    const std::string name;
    // None is removed: an id is spent for good.
    std::unordered_set<Order, Hash, Equal> orders{};
  };
  std::string_view name_of(const Arrival& arrival) const LEASEHOLD_REQUIRES(mutex_);

  const Clock clock_;

  mutable leasehold::detail::Mutex mutex_;
  LedgerBook book_ LEASEHOLD_GUARDED_BY(mutex_);
  std::vector<AccountBook> accounts_ LEASEHOLD_GUARDED_BY(mutex_);
};

}  // namespace leasehold::paper::detail
