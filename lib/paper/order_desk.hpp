#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "paper/ledger_book.hpp"
#include "paper/order.hpp"

namespace leasehold::paper::detail {

// How a POST /v2/orders came in.
struct Arrival {
  std::int64_t received_ns = 0;
  std::uint64_t connection = 0;
  std::uint64_t body_hash = 0;
};

// Where orders are made: decides on uniqueness, commits, and writes every decision to the ledger in
// the same step. Knows nothing of replies but when they left. No I/O; time is injected.
// Thread: any.
class OrderDesk {
 public:
  using Clock =
      std::function<std::int64_t()>;  // nanoseconds since the epoch; called under the lock
  explicit OrderDesk(Clock clock);

  struct Decision {
    std::uint64_t seq = 0;       // in the ledger
    std::optional<Order> order;  // what was committed; nothing: the id was spent before
  };
  // `id` becomes the order's; a client_order_id must be set.
  Decision place(const Arrival& arrival, OrderTerms terms, std::string id);
  // Notes an arrival that breaks the rules, and of its id the first kMaxClientOrderId characters.
  // Returns its seq.
  std::uint64_t refuse(const Arrival& arrival, std::string_view client_order_id, int status);
  // The answer to `seq` has left.
  void replied(std::uint64_t seq);

  std::optional<Order> find(std::string_view client_order_id) const;
  std::vector<LedgerEntry> ledger() const;
  std::uint64_t count(OrderOutcome outcome) const;

 private:
  const Clock clock_;

  mutable std::mutex mutex_;
  // guarded by mutex_
  LedgerBook book_;
  std::deque<Order> orders_;  // never removed: an id that was accepted is spent for good
  std::unordered_map<std::string_view, const Order*> by_client_order_id_;  // views into orders_
};

}  // namespace leasehold::paper::detail
