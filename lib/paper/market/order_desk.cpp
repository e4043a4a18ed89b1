#include "paper/market/order_desk.hpp"

#include <utility>

namespace leasehold::paper::detail {

using leasehold::detail::MutexLock;

namespace {

// A rehash of many ids would hold up all orders for milliseconds.
constexpr std::size_t kOrdersWithoutRehash = 200'000;

std::optional<Order> copy_of(const Order* order) {
  return order == nullptr ? std::nullopt : std::optional(*order);
}

}  // namespace

ApiError order_not_found(std::string_view id) {
  return {404, 40410000, "order not found for " + std::string(id)};
}

ApiError spent(const Order& by) {
  // The code says whether the earlier order is live.
  return {422, is_open(by) ? 42210000 : 40010001, "client_order_id must be unique"};
}

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

LedgerEntry OrderDesk::entry_of(const Arrival& arrival, std::string_view client_order_id) const {
  return {.received_ns = arrival.received_ns,
          .connection = arrival.connection,
          .body_hash = arrival.body_hash,
          .account = std::string(name_of(arrival)),
          .client_order_id = std::string(client_order_id)};
}

OrderDesk::Decision OrderDesk::commit(const Arrival& arrival, Order order) {
  OrderBook& orders = accounts_.at(arrival.account.value()).orders;
  LedgerEntry entry = entry_of(arrival, order.terms.client_order_id);
  if (const Order* const other = orders.by_client_order_id(order.terms.client_order_id)) {
    ApiError error = spent(*other);  // before there is an entry: nothing can fail then
    entry.outcome = OrderOutcome::duplicate;
    entry.status = error.status;
    const std::uint64_t seq = book_.append(std::move(entry));
    return {.seq = seq, .order = std::nullopt, .error = std::move(error)};
  }
  const std::int64_t now = clock_();
  entry.outcome = OrderOutcome::committed;
  entry.status = 200;
  entry.committed_ns = now;
  order.submitted_ns = arrival.received_ns;
  order.created_ns = now;
  Decision decision{.order = std::move(order)};
  Order& added = orders.add(*decision.order);
  try {
    decision.seq = book_.append(std::move(entry));
  } catch (...) {
    orders.take_back();  // what is not in the ledger was not made
    throw;
  }
  added.status = OrderStatus::fresh;  // the answer still says pending_new
  return decision;
}

OrderDesk::Decision OrderDesk::place(const Arrival& arrival, OrderTerms terms, std::string id) {
  const MutexLock lock(mutex_);
  return commit(arrival, {.terms = std::move(terms), .id = std::move(id)});
}

OrderDesk::Decision OrderDesk::replace(const Arrival& arrival, std::string_view of,
                                       std::string_view client_order_id, const Amend& amend,
                                       std::string id) {
  const MutexLock lock(mutex_);
  Order* const old = accounts_.at(arrival.account.value()).orders.by_id(of);
  std::variant<OrderTerms, ApiError> terms = order_not_found(of);
  if (old != nullptr) terms = amend(*old);
  if (std::holds_alternative<OrderTerms>(terms) && !is_open(*old)) {
    terms = ApiError{422, 42210000, "unable to replace order, order is not open"};
  }
  if (auto* const error = std::get_if<ApiError>(&terms)) {
    const std::uint64_t seq = note_refusal(arrival, client_order_id, error->status);
    return {.seq = seq, .order = std::nullopt, .error = std::move(*error)};
  }
  std::string replaced_by = id;  // nothing can fail once the new one is made
  Decision decision = commit(arrival, {.terms = std::get<OrderTerms>(std::move(terms)),
                                       .id = std::move(id),
                                       .replaces = std::string(of)});
  if (decision.order) {
    old->status = OrderStatus::replaced;
    old->replaced_by = std::move(replaced_by);
    old->updated_ns = old->replaced_ns = decision.order->created_ns;
  }
  return decision;
}

std::uint64_t OrderDesk::refuse(const Arrival& arrival, std::string_view client_order_id,
                                int status) {
  const MutexLock lock(mutex_);
  return note_refusal(arrival, client_order_id, status);
}

std::uint64_t OrderDesk::note_refusal(const Arrival& arrival, std::string_view client_order_id,
                                      int status) {
  LedgerEntry entry = entry_of(arrival, first_characters(client_order_id, kMaxClientOrderId));
  entry.outcome = OrderOutcome::refused;
  entry.status = status;
  return book_.append(std::move(entry));
}

void OrderDesk::cancel(Order& order, std::int64_t now_ns) noexcept {
  order.status = OrderStatus::canceled;
  order.updated_ns = order.canceled_ns = now_ns;
}

std::optional<Order> OrderDesk::cancel(std::string_view id, std::size_t account) {
  const MutexLock lock(mutex_);
  Order* const order = accounts_.at(account).orders.by_id(id);
  if (order == nullptr) return std::nullopt;
  if (is_open(*order)) cancel(*order, clock_());
  return *order;
}

std::vector<Order> OrderDesk::cancel_all(std::size_t account) {
  const MutexLock lock(mutex_);
  auto& orders = accounts_.at(account).orders.orders();
  const std::int64_t now = clock_();
  std::vector<Order> cancelled;
  for (const Order& order : orders) {
    if (is_open(order)) cancel(cancelled.emplace_back(order), now);
  }
  // All of them or, without the memory to tell of them, none.
  for (Order& order : orders) {
    if (is_open(order)) cancel(order, now);
  }
  return cancelled;
}

void OrderDesk::replied(std::uint64_t seq) {
  const MutexLock lock(mutex_);
  book_.replied(seq, clock_());
}

std::optional<Order> OrderDesk::find(std::string_view client_order_id, std::size_t account) const {
  const MutexLock lock(mutex_);
  return copy_of(accounts_.at(account).orders.by_client_order_id(client_order_id));
}

std::optional<Order> OrderDesk::find_by_id(std::string_view id, std::size_t account) const {
  const MutexLock lock(mutex_);
  return copy_of(accounts_.at(account).orders.by_id(id));
}

std::vector<Order> OrderDesk::list(const OrderQuery& query, std::size_t account) const {
  const MutexLock lock(mutex_);
  return select(query, accounts_.at(account).orders.orders());
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
