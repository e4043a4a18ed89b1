#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leasehold::stress {

// Which order of a run: the `index`-th of a thread.
struct OrderNumber {
  std::size_t thread = 0;
  std::size_t index = 0;
  auto operator<=>(const OrderNumber&) const = default;
};

// The client_order_ids of one run, "SEED-TAG-RUN-THREAD-INDEX". The tag differs between processes,
// so that a server that outlives many of them never sees an id again. At most 48 characters, which
// is what the oldest API allows.
class OrderIds {
 public:
  OrderIds(std::uint64_t seed, std::uint32_t tag, std::size_t run);

  static constexpr std::size_t kMostRuns = 1'000;
  static constexpr std::size_t kMostThreads = 100'000;
  static constexpr std::size_t kMostPerThread = 100'000'000;

  bool of_this_run(std::string_view id) const { return id.starts_with(prefix_); }
  // The order that has this id; none if no order of this run can have it.
  std::optional<OrderNumber> number(std::string_view id) const;
  std::string text(OrderNumber number) const;

  const std::string& prefix() const { return prefix_; }

 private:
  std::string prefix_;  // up to the thread
};

// What an order is about; it depends on seed, thread and index only.
struct OrderTerms {
  const char* symbol;
  bool is_buy;
  std::uint32_t qty;
  std::uint32_t limit_cents;
};
OrderTerms order_terms(std::uint64_t seed, OrderNumber number);

// The requests of one thread, written into one buffer over and over: nothing is allocated per
// order.
class OrderText {
 public:
  OrderText(std::uint64_t seed, const OrderIds& ids);

  // Valid until the next write.
  void write(OrderNumber number);
  const OrderTerms& terms() const { return terms_; }
  std::string_view id() const { return id_; }
  std::string_view body() const { return body_; }  // JSON for POST /v2/orders

 private:
  const std::uint64_t seed_;
  const std::string prefix_;
  OrderTerms terms_{};
  std::array<char, 256> buffer_{};
  std::string_view id_;
  std::string_view body_;
};

// The client_order_id in an answer to POST /v2/orders. None unless the answer is a JSON object that
// has exactly one, not empty; what else is nested in it has no say.
std::optional<std::string> answered_id(std::string_view body);

}  // namespace leasehold::stress
