#pragma once

#include <cstddef>
#include <deque>
#include <string_view>
#include <unordered_map>

#include "paper/market/order.hpp"

namespace leasehold::paper::detail {

// An account's orders, found by either of their ids. None is ever removed: an id is spent for good.
//
// Thread: one at a time.
class OrderBook {
 public:
  OrderBook() = default;
  OrderBook(const OrderBook&) = delete;
  OrderBook& operator=(const OrderBook&) = delete;
  OrderBook(OrderBook&&) = default;

  // Without growing for so many.
  void reserve(std::size_t orders);

  // REQUIRES: no other has either of its ids. If it throws std::bad_alloc, nothing was added.
  Order& add(Order order);
  // Takes out the one that was added last, while nobody has seen it.
  void take_back() noexcept;

  // Null if there is none.
  Order* by_client_order_id(std::string_view client_order_id) {
    return found(by_client_id_, client_order_id);
  }
  Order* by_id(std::string_view id) { return found(by_id_, id); }

  // In the order in which they were made.
  std::deque<Order>& orders() noexcept { return orders_; }
  const std::deque<Order>& orders() const noexcept { return orders_; }

 private:
  using Index = std::unordered_map<std::string_view, Order*>;  // the names are the orders'
  static Order* found(const Index& index, std::string_view name) {
    const auto at = index.find(name);
    return at == index.end() ? nullptr : at->second;
  }

  std::deque<Order> orders_;  // they do not move
  Index by_client_id_;
  Index by_id_;
};

}  // namespace leasehold::paper::detail
