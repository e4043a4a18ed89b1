#include "alpaca/order_codec.hpp"

#include <charconv>
#include <chrono>
#include <utility>

#include "alpaca/json.hpp"
#include "alpaca/words.hpp"

namespace leasehold::alpaca::detail {
namespace {

// --- out ---

void put(JsonObject& json, std::string_view name, const std::optional<Decimal>& number) {
  if (number) json.text(name, number->text());
}

template <class Word>
void put_word(JsonObject& json, std::string_view name, const std::optional<Word>& word) {
  if (word) json.text(name, to_string(*word));
}

// --- in ---

// Takes the fields of an object one by one. Those that are missing or null leave what there was;
// one of another kind makes it bad.
class Fields {
 public:
  explicit Fields(Json&& object)
      : object_(std::move(object)),
        taken_(object_.names.size()),
        bad_(object_.kind != Json::Kind::object) {}

  void take(std::string_view name, std::string& text) {
    if (Json* const value = find(name)) {
      if (is_text(*value)) text = std::move(value->text);
    }
  }
  void take(std::string_view name, std::optional<Decimal>& number) {
    if (Json* const value = find(name)) {
      if (!is_text(*value)) return;
      number = Decimal::parse(value->text);
      if (!number) bad_ = true;
    }
  }
  void take(std::string_view name, Decimal& number) {
    std::optional<Decimal> given;
    take(name, given);
    if (given) number = *std::move(given);
  }
  void take(std::string_view name, std::int64_t& number) {
    if (Json* const value = find(name)) {
      if (!is_text(*value)) return;
      const char* const end = value->text.data() + value->text.size();
      const auto [rest, error] = std::from_chars(value->text.data(), end, number);
      if (error != std::errc() || rest != end) bad_ = true;
    }
  }
  void take(std::string_view name, bool& truth) {
    if (Json* const value = find(name)) {
      const bool is_kind = value->kind == Json::Kind::boolean || value->kind == Json::Kind::string;
      if (!is_kind || (value->text != "true" && value->text != "false")) {
        bad_ = true;
        return;
      }
      truth = value->text == "true";
    }
  }
  void take(std::string_view name, std::optional<Time>& time) {
    if (Json* const value = find(name)) {
      if (!is_text(*value)) return;
      time = read_time(value->text);
      if (!time) bad_ = true;
    }
  }
  void take(std::string_view name, Time& time) {
    std::optional<Time> given;
    take(name, given);
    if (given) {
      time = *given;
    } else {
      bad_ = true;
    }
  }
  template <class Word>
  void take(std::string_view name, Named<Word>& named) {
    take(name, named.text);
    named.known = word_of<Word>(named.text);
  }
  // Of another kind than those above; null if there is none.
  Json* take(std::string_view name) { return find(name); }

  bool bad() const { return bad_; }
  std::vector<Extra> rest() {
    std::vector<Extra> extras;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i]) extras.push_back({object_.names[i], to_text(object_.values[i])});
    }
    return extras;
  }

 private:
  bool is_text(const Json& value) {
    const bool is = value.kind == Json::Kind::string || value.kind == Json::Kind::number;
    if (!is) bad_ = true;
    return is;
  }
  // Not if it is null. Fields come in the order in which they are asked for, as a rule.
  Json* find(std::string_view name) {
    const std::size_t count = object_.names.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = (next_ + i) % count;
      if (object_.names[at] != name) continue;
      next_ = at + 1;
      taken_[at] = true;
      return object_.values[at].kind == Json::Kind::null ? nullptr : &object_.values[at];
    }
    return nullptr;
  }

  Json object_;
  std::vector<bool> taken_;
  std::size_t next_ = 0;
  bool bad_;
};

// Of each in an array. Nothing if one of them is bad, or it is no array.
template <class Value>
std::optional<std::vector<Value>> each_of(Json&& array, std::optional<Value> (*read)(Json&&)) {
  if (array.kind != Json::Kind::array) return std::nullopt;
  std::vector<Value> all;
  all.reserve(array.values.size());
  for (Json& element : array.values) {
    std::optional<Value> value = read(std::move(element));
    if (!value) return std::nullopt;
    all.push_back(*std::move(value));
  }
  return all;
}

template <class Value>
std::optional<Value> read_one(std::string_view text, std::optional<Value> (*read)(Json&&)) {
  std::optional<Json> json = parse_json(text);
  if (!json) return std::nullopt;
  return read(*std::move(json));
}

template <class Value>
std::optional<std::vector<Value>> read_all(std::string_view text,
                                           std::optional<Value> (*read)(Json&&)) {
  std::optional<Json> json = parse_json(text);
  if (!json) return std::nullopt;
  return each_of(*std::move(json), read);
}

// Legs are orders; how deep they are nested is bounded with the JSON.
std::optional<Order> order_of(Json&& json) {  // NOLINT(misc-no-recursion)
  Fields fields(std::move(json));
  Order order;
  fields.take("id", order.id);
  fields.take("client_order_id", order.client_order_id);
  fields.take("created_at", order.created_at);
  fields.take("updated_at", order.updated_at);
  fields.take("submitted_at", order.submitted_at);
  fields.take("filled_at", order.filled_at);
  fields.take("expired_at", order.expired_at);
  fields.take("expires_at", order.expires_at);
  fields.take("canceled_at", order.canceled_at);
  fields.take("failed_at", order.failed_at);
  fields.take("replaced_at", order.replaced_at);
  fields.take("replaced_by", order.replaced_by);
  fields.take("replaces", order.replaces);
  fields.take("asset_id", order.asset_id);
  fields.take("symbol", order.symbol);
  fields.take("asset_class", order.asset_class);
  fields.take("notional", order.notional);
  fields.take("qty", order.qty);
  fields.take("filled_qty", order.filled_qty);
  fields.take("filled_avg_price", order.filled_avg_price);
  fields.take("order_class", order.order_class);
  if (order.order_class.text.empty()) order.order_class.known = OrderClass::simple;
  std::string old_name;  // of `type`, which has the same value
  fields.take("order_type", old_name);
  fields.take("type", order.type);
  if (order.type.text.empty()) {
    order.type = {.known = word_of<OrderType>(old_name), .text = old_name};
  }
  fields.take("side", order.side);
  fields.take("position_intent", order.position_intent);
  fields.take("time_in_force", order.time_in_force);
  fields.take("limit_price", order.limit_price);
  fields.take("stop_price", order.stop_price);
  fields.take("status", order.status);
  fields.take("extended_hours", order.extended_hours);
  fields.take("trail_percent", order.trail_percent);
  fields.take("trail_price", order.trail_price);
  fields.take("hwm", order.hwm);
  fields.take("ratio_qty", order.ratio_qty);
  if (Json* const legs = fields.take("legs")) {
    std::optional<std::vector<Order>> all = each_of(std::move(*legs), order_of);
    if (!all) return std::nullopt;
    order.legs = *std::move(all);
  }
  order.extras = fields.rest();
  if (fields.bad() || order.id.empty() || order.status.text.empty()) return std::nullopt;
  return order;
}

std::optional<Cancelled> cancelled_of(Json&& json) {
  Fields fields(std::move(json));
  Cancelled cancelled;
  fields.take("id", cancelled.id);
  fields.take("status", cancelled.status);
  if (Json* const body = fields.take("body")) {
    // An order, or why it was not cancelled.
    cancelled.order = order_of(std::move(*body));
  }
  if (fields.bad() || cancelled.id.empty() || cancelled.status == 0) return std::nullopt;
  return cancelled;
}

std::optional<Account> account_of(Json&& json) {
  Fields fields(std::move(json));
  Account account;
  fields.take("id", account.id);
  fields.take("account_number", account.account_number);
  fields.take("status", account.status);
  fields.take("currency", account.currency);
  fields.take("cash", account.cash);
  fields.take("buying_power", account.buying_power);
  fields.take("equity", account.equity);
  fields.take("last_equity", account.last_equity);
  fields.take("portfolio_value", account.portfolio_value);
  fields.take("long_market_value", account.long_market_value);
  fields.take("short_market_value", account.short_market_value);
  fields.take("initial_margin", account.initial_margin);
  fields.take("maintenance_margin", account.maintenance_margin);
  fields.take("multiplier", account.multiplier);
  fields.take("daytrade_count", account.daytrade_count);
  fields.take("pattern_day_trader", account.pattern_day_trader);
  fields.take("trading_blocked", account.trading_blocked);
  fields.take("transfers_blocked", account.transfers_blocked);
  fields.take("account_blocked", account.account_blocked);
  fields.take("trade_suspended_by_user", account.trade_suspended_by_user);
  fields.take("shorting_enabled", account.shorting_enabled);
  fields.take("created_at", account.created_at);
  account.extras = fields.rest();
  if (fields.bad() || account.id.empty()) return std::nullopt;
  return account;
}

std::optional<Position> position_of(Json&& json) {
  Fields fields(std::move(json));
  Position position;
  fields.take("asset_id", position.asset_id);
  fields.take("symbol", position.symbol);
  fields.take("exchange", position.exchange);
  fields.take("asset_class", position.asset_class);
  fields.take("avg_entry_price", position.avg_entry_price);
  fields.take("qty", position.qty);
  fields.take("qty_available", position.qty_available);
  fields.take("side", position.side);
  fields.take("market_value", position.market_value);
  fields.take("cost_basis", position.cost_basis);
  fields.take("unrealized_pl", position.unrealized_pl);
  fields.take("current_price", position.current_price);
  position.extras = fields.rest();
  if (fields.bad() || position.symbol.empty()) return std::nullopt;
  return position;
}

std::optional<MarketClock> clock_of(Json&& json) {
  Fields fields(std::move(json));
  MarketClock clock;
  fields.take("timestamp", clock.timestamp);
  fields.take("is_open", clock.is_open);
  fields.take("next_open", clock.next_open);
  fields.take("next_close", clock.next_close);
  if (fields.bad()) return std::nullopt;
  return clock;
}

std::optional<Refused> error_of(Json&& json) {
  Fields fields(std::move(json));
  Refused error;
  fields.take("code", error.code);
  fields.take("message", error.message);
  error.extras = fields.rest();
  if (fields.bad() || error.message.empty()) return std::nullopt;
  return error;
}

// Takes so many digits off the front; -1 if they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  int number = -1;
  if (text.size() < digits) return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || text.front() == '-') return -1;
  text.remove_prefix(digits);
  return number;
}

bool take_one(std::string_view& text, std::string_view of) {
  if (text.empty() || of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Decimals of a second, the point taken.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
  std::int64_t nanoseconds = 0;
  std::int64_t place = 100'000'000;
  bool any = false;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    nanoseconds += (text.front() - '0') * place;
    place /= 10;
    any = true;
  }
  if (!any) return std::nullopt;
  return std::chrono::nanoseconds(nanoseconds);
}

}  // namespace

std::string write_order(const NewOrder& order) {
  JsonObject json;
  const bool has_legs = order.order_class == OrderClass::mleg;
  if (!has_legs) json.text("symbol", order.symbol);
  put(json, "qty", order.qty);
  put(json, "notional", order.notional);
  if (!has_legs) json.text("side", to_string(order.side));
  json.text("type", to_string(order.type));
  json.text("time_in_force", to_string(order.time_in_force));
  put(json, "limit_price", order.limit_price);
  put(json, "stop_price", order.stop_price);
  put(json, "trail_price", order.trail_price);
  put(json, "trail_percent", order.trail_percent);
  if (order.extended_hours) json.boolean("extended_hours", true);
  if (!order.client_order_id.empty()) json.text("client_order_id", order.client_order_id);
  if (order.order_class != OrderClass::simple) {
    json.text("order_class", to_string(order.order_class));
  }
  if (order.take_profit) {
    json.begin_object("take_profit");
    json.text("limit_price", order.take_profit->limit_price.text());
    json.end_object();
  }
  if (order.stop_loss) {
    json.begin_object("stop_loss");
    json.text("stop_price", order.stop_loss->stop_price.text());
    put(json, "limit_price", order.stop_loss->limit_price);
    json.end_object();
  }
  if (has_legs) {
    json.begin_array("legs");
    for (const NewLeg& leg : order.legs) {
      json.begin_element();
      json.text("symbol", leg.symbol);
      json.text("ratio_qty", leg.ratio_qty.text());
      json.text("side", to_string(leg.side));
      put_word(json, "position_intent", leg.position_intent);
      json.end_object();
    }
    json.end_array();
  }
  put_word(json, "position_intent", order.position_intent);
  return json.finish();
}

std::string write_replacement(const Replacement& replacement) {
  JsonObject json;
  put(json, "qty", replacement.qty);
  put_word(json, "time_in_force", replacement.time_in_force);
  put(json, "limit_price", replacement.limit_price);
  put(json, "stop_price", replacement.stop_price);
  put(json, "trail", replacement.trail);
  if (!replacement.client_order_id.empty()) {
    json.text("client_order_id", replacement.client_order_id);
  }
  return json.finish();
}

std::optional<Order> read_order(std::string_view json) { return read_one(json, order_of); }
std::optional<std::vector<Order>> read_orders(std::string_view json) {
  return read_all(json, order_of);
}
std::optional<std::vector<Cancelled>> read_cancelled(std::string_view json) {
  return read_all(json, cancelled_of);
}
std::optional<Account> read_account(std::string_view json) { return read_one(json, account_of); }
std::optional<Position> read_position(std::string_view json) { return read_one(json, position_of); }
std::optional<std::vector<Position>> read_positions(std::string_view json) {
  return read_all(json, position_of);
}
std::optional<MarketClock> read_clock(std::string_view json) { return read_one(json, clock_of); }
std::optional<Refused> read_error(std::string_view json) { return read_one(json, error_of); }

std::optional<Time> read_time(std::string_view text) {
  using namespace std::chrono;
  const int years = take_number(text, 4);
  if (years < 0 || !take_one(text, "-")) return std::nullopt;
  const int months = take_number(text, 2);
  if (months < 0 || !take_one(text, "-")) return std::nullopt;
  const int days_in = take_number(text, 2);
  if (days_in < 0 || !take_one(text, "Tt ")) return std::nullopt;
  const int in_day = take_number(text, 2);
  if (in_day < 0 || in_day > 23 || !take_one(text, ":")) return std::nullopt;
  const int in_hour = take_number(text, 2);
  if (in_hour < 0 || in_hour > 59 || !take_one(text, ":")) return std::nullopt;
  const int in_minute = take_number(text, 2);
  if (in_minute < 0 || in_minute > 60) return std::nullopt;  // 60: a leap second
  std::optional<nanoseconds> fraction = nanoseconds(0);
  if (take_one(text, ".")) fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  minutes offset{0};
  if (!take_one(text, "Zz")) {
    const bool behind = text.starts_with('-');
    if (!take_one(text, "+-")) return std::nullopt;
    const int away_hours = take_number(text, 2);
    if (away_hours < 0 || away_hours > 23 || !take_one(text, ":")) return std::nullopt;
    const int away_minutes = take_number(text, 2);
    if (away_minutes < 0 || away_minutes > 59) return std::nullopt;
    offset = hours(away_hours) + minutes(away_minutes);
    if (behind) offset = -offset;
  }
  const year_month_day date(year(years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(days_in)));
  // What nanoseconds since 1970 can count.
  if (!text.empty() || !date.ok() || years < 1678 || years > 2261) return std::nullopt;
  return sys_days(date) + hours(in_day) + minutes(in_hour) + seconds(in_minute) - offset +
         *fraction;
}

std::string write_time(Time time) {
  using namespace std::chrono;
  const auto day_of = floor<days>(time);
  const year_month_day date(day_of);
  const hh_mm_ss in_day(time - day_of);
  const auto digits = [](auto number, std::size_t width) {
    std::string text = std::to_string(number);
    return text.insert(0, width - text.size(), '0');
  };
  return digits(static_cast<int>(date.year()), 4) + '-' +
         digits(static_cast<unsigned>(date.month()), 2) + '-' +
         digits(static_cast<unsigned>(date.day()), 2) + 'T' + digits(in_day.hours().count(), 2) +
         ':' + digits(in_day.minutes().count(), 2) + ':' + digits(in_day.seconds().count(), 2) +
         '.' + digits(in_day.subseconds().count(), 9) + 'Z';
}

}  // namespace leasehold::alpaca::detail
