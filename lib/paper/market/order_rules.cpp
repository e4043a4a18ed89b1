#include "paper/market/order_rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace leasehold::paper::detail {

namespace {

// A rule takes its fields from the form into the terms, or says why not.
using Verdict = std::optional<ApiError>;
using Rule = Verdict (*)(const OrderForm&, OrderTerms&);
constexpr std::nullopt_t kKept = std::nullopt;

constexpr std::size_t kMaxSymbol = 32;

Verdict bad_field(std::string message) {
  return ApiError{.status = 422, .code = 40010001, .message = std::move(message)};
}
Verdict bad_order(std::string message) {
  return ApiError{.status = 422, .code = 42210000, .message = std::move(message)};
}

Verdict simple_class(const OrderForm& form, OrderTerms& terms) {
  constexpr std::array<std::string_view, 4> complex = {"bracket", "oco", "oto", "mleg"};
  if (std::find(complex.begin(), complex.end(), form.order_class) != complex.end()) {
    return bad_field(form.order_class + " orders are not supported by the paper exchange");
  }
  if (!form.order_class.empty() && form.order_class != "simple") {
    return bad_field("invalid order_class");
  }
  if (!form.complex_field.empty()) {
    return bad_field("simple orders require no " + form.complex_field);
  }
  terms.order_class = form.order_class;
  return kKept;
}

Verdict symbol_given(const OrderForm& form, OrderTerms& terms) {
  if (form.symbol.empty()) return bad_field("symbol is required");
  terms.symbol = form.symbol;
  return kKept;
}

// Absent, or a number above zero.
Verdict take_number(const std::string& text, const std::string& field,
                    std::optional<Decimal>& result) {
  if (text.empty()) return kKept;
  result = Decimal::parse(text);
  if (!result) return bad_field("invalid " + field);
  if (result->nano <= 0) return bad_field(field + " must be > 0");
  return kKept;
}

Verdict one_size(const OrderForm& form, OrderTerms& terms) {
  if (form.qty.empty() && form.notional.empty()) return bad_field("qty or notional is required");
  if (!form.qty.empty() && !form.notional.empty()) {
    return bad_field("only one of qty or notional is accepted");
  }
  if (Verdict broken = take_number(form.qty, "qty", terms.qty)) return broken;
  return take_number(form.notional, "notional", terms.notional);
}

template <typename Enum, std::size_t N>
Verdict take_choice(std::string_view text, const std::array<Enum, N>& choices, const char* refusal,
                    Enum& result) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](Enum choice) { return text == to_string(choice); });
  if (found == choices.end()) return bad_field(refusal);
  result = *found;
  return kKept;
}

Verdict known_side(const OrderForm& form, OrderTerms& terms) {
  return take_choice(form.side, std::array{Side::buy, Side::sell}, "invalid side", terms.side);
}

Verdict known_type(const OrderForm& form, OrderTerms& terms) {
  constexpr std::array types = {OrderType::market, OrderType::limit, OrderType::stop,
                                OrderType::stop_limit, OrderType::trailing_stop};
  return take_choice(form.type, types, "invalid order type", terms.type);
}

Verdict known_time_in_force(const OrderForm& form, OrderTerms& terms) {
  constexpr std::array times = {TimeInForce::day, TimeInForce::gtc, TimeInForce::opg,
                                TimeInForce::cls, TimeInForce::ioc, TimeInForce::fok};
  return take_choice(form.time_in_force, times, "invalid time_in_force", terms.time_in_force);
}

Verdict known_intent(const OrderForm& form, OrderTerms& terms) {
  if (form.position_intent.empty()) {
    terms.position_intent =
        terms.side == Side::buy ? PositionIntent::buy_to_open : PositionIntent::sell_to_close;
    return kKept;
  }
  constexpr std::array intents = {PositionIntent::buy_to_open, PositionIntent::buy_to_close,
                                  PositionIntent::sell_to_open, PositionIntent::sell_to_close};
  return take_choice(form.position_intent, intents, "invalid position_intent",
                     terms.position_intent);
}

Verdict positive_prices(const OrderForm& form, OrderTerms& terms) {
  if (Verdict broken = take_number(form.limit_price, "limit_price", terms.limit_price))
    return broken;
  if (Verdict broken = take_number(form.stop_price, "stop_price", terms.stop_price)) return broken;
  if (Verdict broken = take_number(form.trail_price, "trail_price", terms.trail_price))
    return broken;
  return take_number(form.trail_percent, "trail_percent", terms.trail_percent);
}

Verdict prices_of_its_type(const OrderForm&, OrderTerms& terms) {
  const bool limit = terms.limit_price.has_value();
  const bool stop = terms.stop_price.has_value();
  const int trails = int{terms.trail_price.has_value()} + int{terms.trail_percent.has_value()};
  if (trails > 0 && terms.type != OrderType::trailing_stop) {
    return bad_field("only trailing stop orders may specify trail_price or trail_percent");
  }
  switch (terms.type) {
    case OrderType::market:
      if (limit || stop) return bad_field("market orders require no stop or limit price");
      return kKept;
    case OrderType::limit:
      if (!limit) return bad_field("limit orders require a limit price");
      if (stop) return bad_field("limit orders require no stop price");
      return kKept;
    case OrderType::stop:
      if (!stop) return bad_field("stop orders require a stop price");
      if (limit) return bad_field("stop orders require no limit price");
      return kKept;
    case OrderType::stop_limit:
      if (limit && stop) return kKept;
      return bad_field("stop limit orders require both stop and limit price");
    case OrderType::trailing_stop:
      if (limit || stop) return bad_field("trailing stop orders require no stop or limit price");
      if (trails == 1) return kKept;
      return bad_field("trailing stop orders must specify one of trail_price or trail_percent");
  }
  return kKept;
}

Verdict extended_hours_allowed(const OrderForm& form, OrderTerms& terms) {
  const bool allowed = terms.type == OrderType::limit && (terms.time_in_force == TimeInForce::day ||
                                                          terms.time_in_force == TimeInForce::gtc);
  if (form.extended_hours && !allowed) {
    return bad_field("extended hours order must be DAY or GTC limit orders");
  }
  terms.extended_hours = form.extended_hours;
  return kKept;
}

Verdict short_client_order_id(const OrderForm& form, OrderTerms& terms) {
  if (first_characters(form.client_order_id, kMaxClientOrderId) != form.client_order_id) {
    return bad_field("client_order_id must be no more than 128 characters");
  }
  terms.client_order_id = form.client_order_id;
  return kKept;
}

Verdict symbol_well_formed(const OrderForm&, OrderTerms& terms) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
  };
  if (terms.symbol.size() <= kMaxSymbol &&
      std::all_of(terms.symbol.begin(), terms.symbol.end(), allowed)) {
    return kKept;
  }
  return bad_order("asset \"" + terms.symbol + "\" not found");
}

Verdict whole_increments(const std::optional<Decimal>& price, const std::string& field) {
  constexpr std::int64_t dollar = 1'000'000'000;
  if (!price) return kKept;
  // Two decimals from $1 on, four below.
  const std::int64_t step = price->nano >= dollar ? dollar / 100 : dollar / 10'000;
  if (price->nano % step == 0) return kKept;
  return bad_order("invalid " + field + " " + price->text() +
                   ". sub-penny increment does not fulfill minimum pricing criteria");
}

Verdict tradable_terms(const OrderForm&, OrderTerms& terms) {
  if (is_crypto(terms.symbol)) {
    if (terms.time_in_force == TimeInForce::gtc || terms.time_in_force == TimeInForce::ioc) {
      return kKept;
    }
    return bad_order("invalid crypto time_in_force");
  }
  if (Verdict broken = whole_increments(terms.limit_price, "limit_price")) return broken;
  return whole_increments(terms.stop_price, "stop_price");
}

// In the order in which the API reports what is wrong: fields first, then what they mean together.
constexpr std::array<Rule, 13> kRules = {
    simple_class,
    symbol_given,
    one_size,
    known_side,
    known_type,
    known_time_in_force,
    positive_prices,
    prices_of_its_type,
    known_intent,
    extended_hours_allowed,
    short_client_order_id,
    symbol_well_formed,
    tradable_terms,
};

}  // namespace

bool is_crypto(std::string_view symbol) { return symbol.find('/') != std::string_view::npos; }

std::variant<OrderTerms, ApiError> amend(const Order& order, const OrderForm& changes) {
  const OrderTerms& terms = order.terms;
  if (terms.notional) return *bad_field("notional orders cannot be replaced");
  OrderForm form;
  bool changed = false;
  const auto take = [&changed](const std::string& change, const std::string& kept) {
    changed |= !change.empty();
    return change.empty() ? kept : change;
  };
  const auto text = [](const std::optional<Decimal>& number) {
    return number ? number->text() : std::string();
  };
  form.symbol = terms.symbol;
  form.side = to_string(terms.side);
  form.type = to_string(terms.type);
  form.order_class = terms.order_class;
  form.position_intent = to_string(terms.position_intent);
  form.extended_hours = terms.extended_hours;
  form.client_order_id = changes.client_order_id;
  form.qty = take(changes.qty, text(terms.qty));
  form.time_in_force = take(changes.time_in_force, to_string(terms.time_in_force));
  form.limit_price = take(changes.limit_price, text(terms.limit_price));
  form.stop_price = take(changes.stop_price, text(terms.stop_price));
  form.trail_price = terms.trail_price ? take(changes.trail, text(terms.trail_price)) : "";
  form.trail_percent = terms.trail_price ? "" : take(changes.trail, text(terms.trail_percent));
  if (!changed) return *bad_field("at least one field to replace is required");
  return apply_rules(form);
}

std::variant<OrderTerms, ApiError> apply_rules(const OrderForm& form) {
  OrderTerms terms;
  for (const Rule rule : kRules) {
    if (Verdict broken = rule(form, terms)) return *std::move(broken);
  }
  return terms;
}

}  // namespace leasehold::paper::detail
