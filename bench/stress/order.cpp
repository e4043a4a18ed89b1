#include "stress/order.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace leasehold::stress {
namespace {

constexpr std::size_t thread_digits = 5;
constexpr std::size_t index_digits = 8;

// splitmix64: every input gives another output, and close inputs give unrelated ones.
std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// Exactly `digits` digits and nothing else.
std::optional<std::size_t> fixed_number(std::string_view text, std::size_t digits) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.size() != digits || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

OrderIds::OrderIds(std::uint64_t seed, std::uint32_t tag, std::size_t run) {
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%llu-%08x-%zu-",
                                   static_cast<unsigned long long>(seed), tag, run);
  prefix_.assign(text.data(), static_cast<std::size_t>(length));
}

std::optional<OrderNumber> OrderIds::number(std::string_view id) const {
  if (!of_this_run(id)) return std::nullopt;
  const std::string_view rest = id.substr(prefix_.size());
  if (rest.size() != thread_digits + 1 + index_digits || rest[thread_digits] != '-') {
    return std::nullopt;
  }
  const auto thread = fixed_number(rest.substr(0, thread_digits), thread_digits);
  const auto index = fixed_number(rest.substr(thread_digits + 1), index_digits);
  if (!thread || !index) return std::nullopt;
  return OrderNumber{*thread, *index};
}

std::string OrderIds::text(OrderNumber number) const {
  std::array<char, 48> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%05zu-%08zu", number.thread, number.index);
  return prefix_ + std::string(text.data(), static_cast<std::size_t>(length));
}

OrderText::OrderText(std::uint64_t seed, const OrderIds& ids)
    : seed_(seed), prefix_(ids.prefix()) {}

void OrderText::write(OrderNumber number) {
  constexpr std::array symbols = {"AAPL", "AMD",  "AMZN", "BRK.B", "F",   "GOOG", "INTC", "KO",
                                  "META", "MSFT", "NVDA", "QQQ",   "SPY", "T",    "TSLA", "XOM"};
  const std::uint64_t dice = scrambled(scrambled(scrambled(seed_) + number.thread) + number.index);
  const char* const symbol = symbols[dice % symbols.size()];
  const char* const side = (dice >> 8U) % 2 == 0 ? "buy" : "sell";
  const auto qty = static_cast<unsigned>(1 + (dice >> 16U) % 500);
  const auto cents = static_cast<unsigned>(100 + (dice >> 32U) % 90'000);

  const int length = std::snprintf(
      buffer_.data(), buffer_.size(),
      R"({"symbol":"%s","qty":"%u","side":"%s","type":"limit","time_in_force":"day",)"
      R"("limit_price":"%u.%02u","client_order_id":"%s%05zu-%08zu"})",
      symbol, qty, side, cents / 100, cents % 100, prefix_.c_str(), number.thread, number.index);
  const auto size = static_cast<std::size_t>(length);
  if (length < 0 || size >= buffer_.size()) throw std::length_error("an order does not fit");
  body_ = {buffer_.data(), size};
  const std::size_t id_size = prefix_.size() + thread_digits + 1 + index_digits;
  id_ = body_.substr(size - 2 - id_size, id_size);
}

std::string_view answered_id(std::string_view body) {
  constexpr std::string_view name = R"("client_order_id")";
  const std::size_t at = body.find(name);
  if (at == std::string_view::npos) return {};
  std::string_view rest = body.substr(at + name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n:"), rest.size()));
  if (!rest.starts_with('"')) return {};
  rest.remove_prefix(1);
  const std::size_t end = rest.find('"');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace leasehold::stress
