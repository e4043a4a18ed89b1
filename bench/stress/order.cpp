#include "stress/order.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "stress/server_json.hpp"

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

// Takes the order's own client_order_id from the parser's events; a second one ends the parse.
class IdReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, IdReader> {
 public:
  // None if there was none.
  std::optional<std::string> take() {
    if (id_.empty()) return std::nullopt;
    return std::move(id_);
  }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    its_id_ = depth_ == 1 && std::string_view(text, length) == "client_order_id";
    return !its_id_ || !std::exchange(seen_, true);
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    if (its_id_) id_.assign(text, length);
    return depth_ > 0;
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Default(); }
  // Any other value.
  bool Default() { return depth_ > 0 && !its_id_; }
  bool StartObject() { return open(depth_ == 0); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(false); }
  bool EndArray(rapidjson::SizeType) { return close(); }

 private:
  bool open(bool the_order) {
    if (!the_order && !Default()) return false;
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;  // of objects and arrays: 1 in the order
  bool its_id_ = false;    // the last name was that of the order's id
  bool seen_ = false;      // the id's name
  std::string id_;
};

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

OrderTerms order_terms(std::uint64_t seed, OrderNumber number) {
  constexpr std::array symbols = {"AAPL", "AMD",  "AMZN", "BRK.B", "F",   "GOOG", "INTC", "KO",
                                  "META", "MSFT", "NVDA", "QQQ",   "SPY", "T",    "TSLA", "XOM"};
  const std::uint64_t dice = scrambled(scrambled(scrambled(seed) + number.thread) + number.index);
  return {.symbol = symbols[dice % symbols.size()],
          .is_buy = (dice >> 8U) % 2 == 0,
          .qty = static_cast<std::uint32_t>(1 + (dice >> 16U) % 500),
          .limit_cents = static_cast<std::uint32_t>(100 + (dice >> 32U) % 90'000)};
}

OrderText::OrderText(std::uint64_t seed, const OrderIds& ids)
    : seed_(seed), prefix_(ids.prefix()) {}

void OrderText::write(OrderNumber number) {
  terms_ = order_terms(seed_, number);
  const int length = std::snprintf(
      buffer_.data(), buffer_.size(),
      R"({"symbol":"%s","qty":"%u","side":"%s","type":"limit","time_in_force":"day",)"
      R"("limit_price":"%u.%02u","client_order_id":"%s%05zu-%08zu"})",
      terms_.symbol, terms_.qty, terms_.is_buy ? "buy" : "sell", terms_.limit_cents / 100,
      terms_.limit_cents % 100, prefix_.c_str(), number.thread, number.index);
  const auto size = static_cast<std::size_t>(length);
  if (length < 0 || size >= buffer_.size()) throw std::length_error("an order does not fit");
  body_ = {buffer_.data(), size};
  const std::size_t id_size = prefix_.size() + thread_digits + 1 + index_digits;
  id_ = body_.substr(size - 2 - id_size, id_size);
}

std::optional<std::string> answered_id(std::string_view body) {
  IdReader reader;
  if (!read_server_json(body, reader)) return std::nullopt;
  return reader.take();
}

}  // namespace leasehold::stress
