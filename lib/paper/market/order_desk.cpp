#include "paper/market/order_desk.hpp"

#include <utility>

namespace leasehold::paper::detail {

using leasehold::detail::MutexLock;

namespace {

// A rehash of many ids would hold up all orders for milliseconds.
constexpr std::size_t kOrdersWithoutRehash = 200'000;

}  // namespace

OrderDesk::OrderDesk(Clock clock, const std::vector<PaperAccount>& accounts)
    : clock_(std::move(clock)) {
  for (const PaperAccount& account : accounts) accounts_.push_back({.name = account.key_id});
  if (accounts_.empty()) accounts_.push_back({.name = ""});
  for (AccountBook& account : accounts_) {
    account.orders.reserve(kOrdersWithoutRehash / accounts_.size());
  }
}

std::string_view OrderDesk::name_of(const Arrival& arrival) const {
  return arrival.account ? accounts_[*arrival.account].name : std::string_view();
}

OrderDesk::Decision OrderDesk::place(const Arrival& arrival, OrderTerms terms, std::string id) {
  LedgerEntry entry{.received_ns = arrival.received_ns,
                    .connection = arrival.connection,
                    .body_hash = arrival.body_hash,
                    .client_order_id = terms.client_order_id};
  const MutexLock lock(mutex_);
  entry.account = name_of(arrival);
  auto& orders = accounts_.at(arrival.account.value()).orders;
  if (orders.contains(terms.client_order_id)) {
    entry.outcome = OrderOutcome::duplicate;
    entry.status = 422;
    return {.seq = book_.append(std::move(entry)), .order = std::nullopt};
  }
  const std::int64_t now = clock_();
  entry.outcome = OrderOutcome::committed;
  entry.status = 200;
  entry.committed_ns = now;
  Decision decision{.order = Order{.terms = std::move(terms),
                                   .id = std::move(id),
                                   .submitted_ns = arrival.received_ns,
                                   .created_ns = now}};
  const auto order = orders.insert(*decision.order).first;
  try {
    decision.seq = book_.append(std::move(entry));
  } catch (...) {
    orders.erase(order);  // what is not in the ledger was not made
    throw;
  }
  return decision;
}

std::uint64_t OrderDesk::refuse(const Arrival& arrival, std::string_view client_order_id,
                                int status) {
  const MutexLock lock(mutex_);
  return book_.append(
      {.received_ns = arrival.received_ns,
       .connection = arrival.connection,
       .body_hash = arrival.body_hash,
       .account = std::string(name_of(arrival)),
       .client_order_id = std::string(first_characters(client_order_id, kMaxClientOrderId)),
       .outcome = OrderOutcome::refused,
       .status = status});
}

void OrderDesk::replied(std::uint64_t seq) {
  const MutexLock lock(mutex_);
  book_.replied(seq, clock_());
}

std::optional<Order> OrderDesk::find(std::string_view client_order_id, std::size_t account) const {
  const MutexLock lock(mutex_);
  const auto& orders = accounts_.at(account).orders;
  const auto found = orders.find(client_order_id);
  if (found == orders.end()) return std::nullopt;
  return *found;
}

std::vector<LedgerEntry> OrderDesk::ledger() const {
  const MutexLock lock(mutex_);
  return book_.entries();
}

std::uint64_t OrderDesk::count(OrderOutcome outcome) const {
  const MutexLock lock(mutex_);
  return book_.count(outcome);
}

}  // namespace leasehold::paper::detail
