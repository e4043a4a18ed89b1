#include "paper/market/order_codec.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>

#include "paper/market/identifiers.hpp"
#include "paper/market/market_time.hpp"
#include "paper/market/order_rules.hpp"

namespace leasehold::paper::detail {

namespace {

struct TextField {
  std::string_view name;
  std::string OrderForm::*member;
  bool decimal;  // may be a JSON number too
};

constexpr std::array<TextField, 14> kTextFields = {{
    {"symbol", &OrderForm::symbol, false},
    {"qty", &OrderForm::qty, true},
    {"notional", &OrderForm::notional, true},
    {"side", &OrderForm::side, false},
    {"type", &OrderForm::type, false},
    {"time_in_force", &OrderForm::time_in_force, false},
    {"limit_price", &OrderForm::limit_price, true},
    {"stop_price", &OrderForm::stop_price, true},
    {"trail_price", &OrderForm::trail_price, true},
    {"trail_percent", &OrderForm::trail_percent, true},
    {"trail", &OrderForm::trail, true},
    {"client_order_id", &OrderForm::client_order_id, false},
    {"order_class", &OrderForm::order_class, false},
    {"position_intent", &OrderForm::position_intent, false},
}};

constexpr std::array<std::string_view, 4> kComplexFields = {"take_profit", "stop_loss", "legs",
                                                            "advanced_instructions"};

// Fills a form from the parser's events; false ends the parse.
class FormReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FormReader> {
 public:
  explicit FormReader(OrderForm& form) : form_(form) {}

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    if (depth_ != 1) return true;
    const std::string_view name(text, length);
    const auto field = std::find_if(kTextFields.begin(), kTextFields.end(),
                                    [&](const TextField& known) { return known.name == name; });
    text_field_ = field == kTextFields.end() ? nullptr : &*field;
    extended_hours_ = name == "extended_hours";
    const auto complex = std::find(kComplexFields.begin(), kComplexFields.end(), name);
    complex_ = complex == kComplexFields.end() ? std::string_view() : *complex;
    return true;
  }

  bool String(const char* text, rapidjson::SizeType length, bool) {
    return text_value({text, length}, true);
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return text_value({text, length}, text_field_ != nullptr && text_field_->decimal);
  }
  bool Bool(bool value) {
    if (depth_ == 1 && extended_hours_) {
      form_.extended_hours = value;
      return true;
    }
    return other_value();
  }
  bool Null() {
    if (depth_ == 0) return false;
    if (depth_ == 1 && text_field_ != nullptr) (form_.*text_field_->member).clear();
    if (depth_ == 1 && extended_hours_) form_.extended_hours = false;
    return true;
  }
  bool StartObject() {
    if (depth_ > 0 && !nested_value()) return false;
    ++depth_;
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() {
    if (!nested_value()) return false;  // also: the body is an array
    ++depth_;
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return leave(); }

 private:
  bool text_value(std::string_view text, bool fits) {
    if (depth_ != 1 || text_field_ == nullptr) return other_value();
    if (fits) (form_.*text_field_->member).assign(text);
    return fits;
  }
  // A value that no known field of the order takes.
  bool other_value() {
    return depth_ > 1 || (depth_ == 1 && text_field_ == nullptr && !extended_hours_);
  }
  bool nested_value() {
    if (depth_ == 1 && !complex_.empty()) form_.complex_field = complex_;
    return other_value();
  }
  bool leave() {
    --depth_;
    return true;
  }

  OrderForm& form_;
  std::size_t depth_ = 0;
  const TextField* text_field_ = nullptr;  // of the last name in the order itself
  bool extended_hours_ = false;
  std::string_view complex_;
};

// RapidJSON's writer with this file's vocabulary.
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out), writer_(buffer_) {}
  ~JsonText() = default;
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;

  void open() { writer_.StartObject(); }
  void open_list() { writer_.StartArray(); }
  void close() { writer_.EndObject(); }
  void open_list(std::string_view name) {
    key(name);
    open_list();
  }
  void open(std::string_view name) {
    key(name);
    open();
  }
  void close_list() { writer_.EndArray(); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    writer_.String(value.data(), length(value));
  }
  void decimal(std::string_view name, const std::optional<Decimal>& value) {
    if (value) {
      text(name, value->text());
    } else {
      null(name);
    }
  }
  // One that may be absent.
  void text_or_null(std::string_view name, std::string_view value) {
    if (value.empty()) {
      null(name);
    } else {
      text(name, value);
    }
  }
  void time_or_null(std::string_view name, std::int64_t epoch_ns) {
    text_or_null(name, epoch_ns == 0 ? std::string() : rfc3339(epoch_ns));
  }
  void null(std::string_view name) {
    key(name);
    writer_.Null();
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
  }
  void number(std::string_view name, std::int64_t value) {
    key(name);
    writer_.Int64(value);
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }
  // A time that may not have come.
  void time_ns(std::string_view name, std::int64_t value) {
    if (value != 0) {
      number(name, value);
    } else {
      null(name);
    }
  }
  void finish() { out_.append(buffer_.GetString(), buffer_.GetSize()); }

 private:
  static rapidjson::SizeType length(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }
  void key(std::string_view name) { writer_.Key(name.data(), length(name)); }

  std::string& out_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

// Day orders and their like end with the session, good-till-cancelled ones 90 days later.
std::string expiry(const Order& order) {
  const std::chrono::sys_seconds created = whole_seconds(order.created_ns);
  const auto from =
      order.terms.time_in_force == TimeInForce::gtc ? created + std::chrono::days(90) : created;
  const auto closes = next_weekday_time(from, kMarketCloses);
  return rfc3339(std::chrono::nanoseconds(closes.time_since_epoch()).count());
}

void write_members(JsonText& json, const Order& order) {
  const OrderTerms& terms = order.terms;
  json.text("id", order.id);
  json.text("client_order_id", terms.client_order_id);
  json.text("created_at", rfc3339(order.created_ns));
  json.text("updated_at", rfc3339(std::max(order.created_ns, order.updated_ns)));
  json.text("submitted_at", rfc3339(order.submitted_ns));
  for (const char* name : {"filled_at", "expired_at", "failed_at"}) json.null(name);
  json.time_or_null("canceled_at", order.canceled_ns);
  json.time_or_null("replaced_at", order.replaced_ns);
  json.text_or_null("replaced_by", order.replaced_by);
  json.text_or_null("replaces", order.replaces);
  json.text("asset_id", uuid_of(terms.symbol));
  json.text("symbol", terms.symbol);
  json.text("asset_class", is_crypto(terms.symbol) ? "crypto" : "us_equity");
  json.decimal("notional", terms.notional);
  json.decimal("qty", terms.qty);
  json.text("filled_qty", "0");
  json.null("filled_avg_price");
  json.text("order_class", terms.order_class);
  json.text("order_type", to_string(terms.type));
  json.text("type", to_string(terms.type));
  json.text("side", to_string(terms.side));
  json.text("position_intent", to_string(terms.position_intent));
  json.text("time_in_force", to_string(terms.time_in_force));
  json.decimal("limit_price", terms.limit_price);
  json.decimal("stop_price", terms.stop_price);
  json.text("status", to_string(order.status));
  json.boolean("extended_hours", terms.extended_hours);
  json.null("legs");
  json.decimal("trail_percent", terms.trail_percent);
  json.decimal("trail_price", terms.trail_price);
  for (const char* name : {"hwm", "ratio_qty", "subtag", "source"}) json.null(name);
  json.text("expires_at", expiry(order));
}

}  // namespace

std::optional<OrderForm> read_order_form(std::string_view json) {
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  OrderForm form;
  FormReader handler(form);
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  if (reader.Parse<flags>(stream, handler).IsError()) return std::nullopt;
  if (stream.Tell() != json.size()) return std::nullopt;  // a NUL byte looks like the end to it
  return form;
}

bool is_utf8(std::string_view text) {
  struct Nowhere {
    void Put(char) {}
  } nowhere;
  rapidjson::MemoryStream stream(text.data(), text.size());
  while (stream.Tell() < text.size()) {
    if (!rapidjson::UTF8<>::Validate(stream, nowhere)) return false;
  }
  return true;
}

void write_order(std::string& out, const Order& order) {
  JsonText json(out);
  json.open();
  write_members(json, order);
  json.close();
  json.finish();
}

void write_orders(std::string& out, const std::vector<Order>& orders) {
  JsonText json(out);
  json.open_list();
  for (const Order& order : orders) {
    json.open();
    write_members(json, order);
    json.close();
  }
  json.close_list();
  json.finish();
}

void write_cancelled(std::string& out, const std::vector<Order>& orders) {
  JsonText json(out);
  json.open_list();
  for (const Order& order : orders) {
    json.open();
    json.text("id", order.id);
    json.number("status", std::int64_t{200});
    json.open("body");
    write_members(json, order);
    json.close();
    json.close();
  }
  json.close_list();
  json.finish();
}
void write_error(std::string& out, int code, std::string_view message) {
  JsonText json(out);
  json.open();
  if (code != 0) json.number("code", std::int64_t{code});
  json.text("message", message);
  json.close();
  json.finish();
}

void write_clock(std::string& out, std::int64_t now_ns) {
  const std::chrono::sys_seconds now = whole_seconds(now_ns);
  JsonText json(out);
  json.open();
  json.text("timestamp", rfc3339_new_york(now));
  json.boolean("is_open", true);
  json.text("next_open", rfc3339_new_york(next_weekday_time(now, kMarketOpens)));
  json.text("next_close", rfc3339_new_york(next_weekday_time(now, kMarketCloses)));
  json.close();
  json.finish();
}

void write_ledger(std::string& out, const std::vector<LedgerEntry>& entries) {
  JsonText json(out);
  json.open();
  json.number("count", std::uint64_t{entries.size()});
  json.open_list("entries");
  for (const LedgerEntry& entry : entries) {
    json.open();
    json.number("seq", entry.seq);
    json.number("received_ns", entry.received_ns);
    json.time_ns("committed_ns", entry.committed_ns);
    json.time_ns("replied_ns", entry.replied_ns);
    json.number("connection", entry.connection);
    json.text("account", entry.account);
    json.text("client_order_id", entry.client_order_id);
    json.text("body_hash", hex(entry.body_hash));
    json.text("outcome", to_string(entry.outcome));
    json.number("status", std::int64_t{entry.status});
    json.close();
  }
  json.close_list();
  json.close();
  json.finish();
}

}  // namespace leasehold::paper::detail
