#include "leasehold/alpaca/order.hpp"

#include <array>

#include "alpaca/json.hpp"
#include "alpaca/problem.hpp"
#include "alpaca/words.hpp"

namespace leasehold::alpaca {
namespace {

constexpr std::size_t kFinest = 9;              // decimals of any number of an order's
constexpr std::size_t kMaxClientOrderId = 128;  // characters
constexpr std::size_t kMaxSymbol = 64;          // longer than any asset's, or its id
constexpr std::size_t kFewestLegs = 2;
constexpr std::size_t kMostLegs = 4;

// A rule says what is wrong, or nothing.
using Verdict = std::string;
const Verdict kKept;

using detail::problem;

Verdict missing(std::string_view field, std::string_view expected) {
  return problem(field, "", expected);
}
Verdict unwanted(std::string_view field, std::string_view value, std::string_view of) {
  return problem(field, value, std::string("none, for ").append(of));
}

std::string shown(const std::optional<Decimal>& number) { return number ? number->text() : ""; }

Verdict amount(std::string_view field, const std::optional<Decimal>& number) {
  if (!number) return kKept;
  if (number->sign() <= 0) return problem(field, number->text(), "more than 0");
  if (number->decimals() > kFinest) return problem(field, number->text(), "at most 9 decimals");
  if (!number->billionths()) return problem(field, number->text(), "at most 9223372036.854775807");
  return kKept;
}

bool is_crypto(std::string_view symbol) { return symbol.find('/') != std::string_view::npos; }

// A price of a stock is a whole number of cents from 1 dollar on, and of hundredths of them below.
Verdict price(std::string_view field, const std::optional<Decimal>& number, bool is_stock) {
  if (Verdict verdict = amount(field, number); !verdict.empty() || !number || !is_stock) {
    return verdict;
  }
  if (*number >= Decimal::of(1)) {
    if (number->decimals() > 2)
      return problem(field, number->text(), "at most 2 decimals from 1 on");
  } else if (number->decimals() > 4) {
    return problem(field, number->text(), "at most 4 decimals below 1");
  }
  return kKept;
}

Verdict symbol(std::string_view field, std::string_view text) {
  const bool printable = text.find_first_not_of(
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "./-_") == std::string_view::npos;
  if (!text.empty() && text.size() <= kMaxSymbol && printable) return kKept;
  return problem(field, text, "a symbol: 1 to 64 letters, digits and characters of \"./-_\"");
}

Verdict client_order_id(std::string_view field, std::string_view id) {
  if (!detail::is_utf8(id)) return problem(field, id, "UTF-8");
  std::size_t characters = 0;
  for (const char c : id) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  if (characters > kMaxClientOrderId) return problem(field, id, "no more than 128 characters");
  return kKept;
}

// --- a new order's rules, in the order in which they are told ---

Verdict symbol_of_its_class(const NewOrder& order) {
  if (order.order_class != OrderClass::mleg) return symbol("order.symbol", order.symbol);
  return order.symbol.empty() ? kKept : unwanted("order.symbol", order.symbol, "a multi-leg order");
}

Verdict one_size(const NewOrder& order) {
  if (!order.qty && !order.notional) {
    return missing("order.qty", "how many, or order.notional");
  }
  if (order.qty && order.notional) {
    return problem("order.notional", order.notional->text(), "none beside order.qty");
  }
  if (Verdict verdict = amount("order.qty", order.qty); !verdict.empty()) return verdict;
  return amount("order.notional", order.notional);
}

struct Price {
  const char* field;
  std::optional<Decimal> NewOrder::*member;
  bool has_steps;
};
constexpr std::array<Price, 4> kPrices = {{
    {"order.limit_price", &NewOrder::limit_price, true},
    {"order.stop_price", &NewOrder::stop_price, true},
    {"order.trail_price", &NewOrder::trail_price, false},
    {"order.trail_percent", &NewOrder::trail_percent, false},
}};

Verdict prices_of_its_type(const NewOrder& order) {
  const bool limit = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  const bool stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  const bool trails = order.type == OrderType::trailing_stop;
  // The prices of an oco order are those of its two halves.
  const bool oco = order.order_class == OrderClass::oco;
  const std::array<bool, 4> wanted = {limit && !oco, stop, false, false};
  const std::array<bool, 4> allowed = {limit, stop, trails, trails};
  const std::string type = std::string("a ") + to_string(order.type) + " order";
  for (std::size_t i = 0; i < kPrices.size(); ++i) {
    const Price& each = kPrices[i];
    const std::optional<Decimal>& number = order.*each.member;
    if (!number && wanted[i]) return missing(each.field, "a price, for " + type);
    if (number && !allowed[i]) return unwanted(each.field, number->text(), type);
    if (Verdict verdict = price(each.field, number, each.has_steps && !is_crypto(order.symbol));
        !verdict.empty()) {
      return verdict;
    }
  }
  if (trails && order.trail_price.has_value() == order.trail_percent.has_value()) {
    return problem("order.trail_price", shown(order.trail_price),
                   "a price, or order.trail_percent, for " + type);
  }
  return kKept;
}

Verdict extended_hours(const NewOrder& order) {
  if (!order.extended_hours) return kKept;
  if (order.type == OrderType::limit &&
      (order.time_in_force == TimeInForce::day || order.time_in_force == TimeInForce::gtc)) {
    return kKept;
  }
  return problem("order.extended_hours", "true", "false, unless it is a limit order, day or gtc");
}

Verdict exits_of_its_class(const NewOrder& order) {
  const bool both =
      order.order_class == OrderClass::bracket || order.order_class == OrderClass::oco;
  const bool one = order.order_class == OrderClass::oto;
  const std::string its_class = std::string("order class ") + to_string(order.order_class);
  if (both && !order.take_profit) {
    return missing("order.take_profit.limit_price", "a price, for " + its_class);
  }
  if (both && !order.stop_loss) {
    return missing("order.stop_loss.stop_price", "a price, for " + its_class);
  }
  if (one && order.take_profit.has_value() == order.stop_loss.has_value()) {
    return problem("order.take_profit",
                   order.take_profit ? order.take_profit->limit_price.text() : "",
                   "either this or order.stop_loss, for " + its_class);
  }
  if (order.take_profit) {
    if (!both && !one) {
      return unwanted("order.take_profit.limit_price", order.take_profit->limit_price.text(),
                      its_class);
    }
    if (Verdict verdict = price("order.take_profit.limit_price", order.take_profit->limit_price,
                                !is_crypto(order.symbol));
        !verdict.empty()) {
      return verdict;
    }
  }
  if (!order.stop_loss) return kKept;
  if (!both && !one) {
    return unwanted("order.stop_loss.stop_price", order.stop_loss->stop_price.text(), its_class);
  }
  if (Verdict verdict = price("order.stop_loss.stop_price", order.stop_loss->stop_price,
                              !is_crypto(order.symbol));
      !verdict.empty()) {
    return verdict;
  }
  return price("order.stop_loss.limit_price", order.stop_loss->limit_price,
               !is_crypto(order.symbol));
}

Verdict legs_of_its_class(const NewOrder& order) {
  if (order.order_class != OrderClass::mleg) {
    if (order.legs.empty()) return kKept;
    return unwanted("order.legs", std::to_string(order.legs.size()),
                    std::string("order class ") + to_string(order.order_class));
  }
  if (order.legs.size() < kFewestLegs || order.legs.size() > kMostLegs) {
    return problem("order.legs", std::to_string(order.legs.size()), "2 to 4, for order class mleg");
  }
  for (std::size_t i = 0; i < order.legs.size(); ++i) {
    const std::string name = "order.legs[" + std::to_string(i) + "]";
    if (Verdict verdict = symbol(name + ".symbol", order.legs[i].symbol); !verdict.empty()) {
      return verdict;
    }
    if (Verdict verdict = amount(name + ".ratio_qty", order.legs[i].ratio_qty); !verdict.empty()) {
      return verdict;
    }
  }
  return kKept;
}

Verdict id(const NewOrder& order) {
  return client_order_id("order.client_order_id", order.client_order_id);
}

constexpr std::array<Verdict (*)(const NewOrder&), 7> kRules = {
    symbol_of_its_class, one_size, prices_of_its_type, extended_hours, exits_of_its_class,
    legs_of_its_class,   id};

}  // namespace

const char* to_string(Side side) noexcept { return detail::spelled(side); }
const char* to_string(OrderType type) noexcept { return detail::spelled(type); }
const char* to_string(TimeInForce time_in_force) noexcept { return detail::spelled(time_in_force); }
const char* to_string(OrderClass order_class) noexcept { return detail::spelled(order_class); }
const char* to_string(PositionIntent intent) noexcept { return detail::spelled(intent); }
const char* to_string(OrderStatus status) noexcept { return detail::spelled(status); }

std::string problem_of(const NewOrder& order) {
  for (const auto rule : kRules) {
    if (Verdict verdict = rule(order); !verdict.empty()) return verdict;
  }
  return kKept;
}

// Which steps its prices have is the venue's to say: the symbol is not known here.
std::string problem_of(const Replacement& replacement) {
  const struct {
    const char* field;
    const std::optional<Decimal>& number;
  } numbers[] = {{"replacement.qty", replacement.qty},
                 {"replacement.limit_price", replacement.limit_price},
                 {"replacement.stop_price", replacement.stop_price},
                 {"replacement.trail", replacement.trail}};
  bool changes = replacement.time_in_force.has_value();
  for (const auto& each : numbers) {
    if (Verdict verdict = amount(each.field, each.number); !verdict.empty()) return verdict;
    changes = changes || each.number;
  }
  if (!changes) return missing("replacement.qty", "this, or another field, to be given");
  return client_order_id("replacement.client_order_id", replacement.client_order_id);
}

}  // namespace leasehold::alpaca
