#include "paper/market/order_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "paper/market/market_time.hpp"
#include "paper/market/order_rules.hpp"

namespace leasehold::paper::detail {

namespace {

constexpr std::size_t kMostListed = 500;

// A parameter goes into the query; false: it cannot.
struct Parameter {
  std::string_view name;
  bool (*take)(const std::string& text, OrderQuery& query);
};

bool take_status(const std::string& text, OrderQuery& query) {
  if (text == "all") query.open.reset();
  if (text == "closed") query.open = false;
  return text == "open" || text == "closed" || text == "all";
}

bool take_limit(const std::string& text, OrderQuery& query) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, query.limit);
  return error == std::errc() && stop == end && query.limit >= 1 && query.limit <= kMostListed;
}

bool take_direction(const std::string& text, OrderQuery& query) {
  query.newest_first = text == "desc";
  return text == "desc" || text == "asc";
}

bool take_symbols(const std::string& text, OrderQuery& query) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end == begin) return false;
    query.symbols.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return true;
}

bool take_side(const std::string& text, OrderQuery& query) {
  query.side = text == to_string(Side::buy) ? Side::buy : Side::sell;
  return text == to_string(*query.side);
}

bool take_asset_class(const std::string& text, OrderQuery& query) {
  if (text != "us_equity" && text != "crypto" && text != "us_option") return false;
  query.crypto = text == "crypto";
  if (text == "us_option") query.limit = 0;  // there are none
  return true;
}

bool take_time(const std::string& text, std::int64_t& time) {
  const std::optional<std::int64_t> read = read_rfc3339(text);
  if (read) time = *read;
  return read.has_value();
}

constexpr std::array<Parameter, 10> kParameters = {{
    {"status", take_status},
    {"limit", take_limit},
    {"direction", take_direction},
    // Simple orders have nothing within them.
    {"nested",
     [](const std::string& text, OrderQuery&) { return text == "true" || text == "false"; }},
    {"symbols", take_symbols},
    {"side", take_side},
    {"asset_class", take_asset_class},
    {"after",
     [](const std::string& text, OrderQuery& query) { return take_time(text, query.after_ns); }},
    {"until",
     [](const std::string& text, OrderQuery& query) { return take_time(text, query.until_ns); }},
    {"after_order_id",
     [](const std::string& text, OrderQuery& query) {
       query.after_order_id = text;
       return !text.empty();
     }},
}};

ApiError unusable(std::string message) {
  return {.status = 422, .code = 40010001, .message = std::move(message)};
}

bool fits(const OrderQuery& query, const Order& order) {
  return (!query.open || *query.open == is_open(order)) &&
         (query.symbols.empty() ||
          std::ranges::find(query.symbols, order.terms.symbol) != query.symbols.end()) &&
         (!query.side || *query.side == order.terms.side) &&
         (!query.crypto || *query.crypto == is_crypto(order.terms.symbol)) &&
         order.submitted_ns > query.after_ns && order.submitted_ns < query.until_ns;
}

}  // namespace

std::variant<OrderQuery, ApiError> read_query(const Parameters& parameters) {
  OrderQuery query;
  for (const Parameter& parameter : kParameters) {
    const std::optional<std::string> text = parameters(parameter.name);
    if (text && !parameter.take(*text, query)) {
      return unusable("invalid " + std::string(parameter.name));
    }
  }
  if (const std::optional<std::string> before = parameters("before_order_id")) {
    if (before->empty()) return unusable("invalid before_order_id");
    query.before_order_id = *before;
  }
  const bool by_id = !query.after_order_id.empty() || !query.before_order_id.empty();
  if (!query.after_order_id.empty() && !query.before_order_id.empty()) {
    return unusable("only one of after_order_id or before_order_id is accepted");
  }
  if (by_id && (parameters("after") || parameters("until"))) {
    return unusable("after and until are not accepted beside after_order_id or before_order_id");
  }
  return query;
}

std::vector<Order> select(const OrderQuery& query, const std::deque<Order>& orders) {
  auto begin = orders.begin();
  auto end = orders.end();
  if (!query.after_order_id.empty()) {
    begin = std::ranges::find(orders, query.after_order_id, &Order::id);
    if (begin != end) ++begin;
  }
  if (!query.before_order_id.empty()) {
    end = std::ranges::find(orders, query.before_order_id, &Order::id);
    if (end == orders.end()) begin = end;
  }
  std::vector<Order> selected;
  const auto take = [&](const Order& order) {
    if (selected.size() < query.limit && fits(query, order)) selected.push_back(order);
    return selected.size() == query.limit;
  };
  if (query.newest_first) {
    static_cast<void>(std::any_of(std::reverse_iterator(end), std::reverse_iterator(begin), take));
  } else {
    static_cast<void>(std::any_of(begin, end, take));
  }
  return selected;
}

}  // namespace leasehold::paper::detail
