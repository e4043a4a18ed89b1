#include "paper/market/order_book.hpp"

#include <utility>

namespace leasehold::paper::detail {

void OrderBook::reserve(std::size_t orders) {
  by_client_id_.reserve(orders);
  by_id_.reserve(orders);
}

Order& OrderBook::add(Order order) {
  Order& added = orders_.emplace_back(std::move(order));
  try {
    by_client_id_.emplace(added.terms.client_order_id, &added);
    by_id_.emplace(added.id, &added);
  } catch (...) {
    take_back();
    throw;
  }
  return added;
}

void OrderBook::take_back() noexcept {
  const Order& last = orders_.back();
  by_client_id_.erase(last.terms.client_order_id);
  by_id_.erase(last.id);
  orders_.pop_back();
}

}  // namespace leasehold::paper::detail
