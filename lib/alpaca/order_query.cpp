#include "alpaca/order_query.hpp"

#include <algorithm>

#include "alpaca/order_codec.hpp"
#include "alpaca/problem.hpp"

namespace leasehold::alpaca {

namespace {

constexpr int kMostOrders = 500;

const char* to_string(OrdersWith status) noexcept {
  switch (status) {
    case OrdersWith::open:
      return "open";
    case OrdersWith::closed:
      return "closed";
    case OrdersWith::all:
      return "all";
  }
  return "";
}

}  // namespace

std::string problem_of(const OrderQuery& query) {
  if (*to_string(query.status) == '\0') {
    return detail::problem("query.status", std::to_string(static_cast<int>(query.status)),
                           "one of leasehold::alpaca::OrdersWith");
  }
  if (query.limit < 1 || query.limit > kMostOrders) {
    return detail::problem("query.limit", std::to_string(query.limit), "1 to 500");
  }
  if (std::ranges::any_of(query.symbols, [](const std::string& symbol) {
        return symbol.empty() || symbol.find(',') != std::string::npos;
      })) {
    return detail::problem("query.symbols", "", "symbols that are not empty and have no comma");
  }
  if (query.before_order_id.empty()) {
    if (query.after_order_id.empty() || (!query.after && !query.until)) return {};
    return detail::problem("query.after_order_id", query.after_order_id,
                           "none beside query.after or .until");
  }
  if (query.after_order_id.empty() && !query.after && !query.until) return {};
  return detail::problem("query.before_order_id", query.before_order_id,
                         "none beside query.after_order_id, query.after or .until");
}

namespace detail {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";  // RFC 3986, 2.3
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[octet >> 4U];
    encoded += kDigits[octet & 0x0fU];
  }
  return encoded;
}

std::string orders_path(const OrderQuery& query) {
  std::string path = "/v2/orders?status=";
  path += to_string(query.status);
  const auto add = [&path](std::string_view name, std::string_view value) {
    if (!value.empty()) path.append("&").append(name).append("=").append(percent_encoded(value));
  };
  add("limit", std::to_string(query.limit));
  add("direction", query.direction == Direction::oldest_first ? "asc" : "desc");
  if (query.side) add("side", alpaca::to_string(*query.side));
  std::string symbols;
  for (const std::string& symbol : query.symbols) {
    if (!symbols.empty()) symbols += ',';
    symbols += symbol;
  }
  add("symbols", symbols);
  add("asset_class", query.asset_class);
  if (query.nested) add("nested", "true");
  if (query.after) add("after", write_time(*query.after));
  if (query.until) add("until", write_time(*query.until));
  add("after_order_id", query.after_order_id);
  add("before_order_id", query.before_order_id);
  return path;
}

}  // namespace detail

}  // namespace leasehold::alpaca
