#include "stress/ledger_json.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "paper/market/order_codec.hpp"
#include "stress/server_json.hpp"

namespace leasehold::stress {
namespace {

std::optional<paper::OrderOutcome> outcome_of(std::string_view word) {
  using paper::OrderOutcome;
  for (const OrderOutcome outcome :
       {OrderOutcome::committed, OrderOutcome::duplicate, OrderOutcome::refused}) {
    if (word == to_string(outcome)) return outcome;
  }
  return std::nullopt;
}

// Fills a ledger from the parser's events; false ends the parse. A member that is there twice makes
// it unclear which ledger is meant: it is none. Members that are not known may hold anything.
class LedgerReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LedgerReader> {
 public:
  // None if what was read is not all of a ledger.
  std::optional<Ledger> take() {
    if (!count_ || !listed_ || *count_ != ledger_.size()) return std::nullopt;
    return std::move(ledger_);
  }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view name(text, length);
    member_ = Member::other;
    if (depth_ == 1) {
      if (name == "count") member_ = Member::count;
      if (name == "entries") member_ = Member::entries;
    } else if (in_entry()) {
      if (name == "client_order_id") member_ = Member::id;
      if (name == "outcome") member_ = Member::outcome;
    }
    return true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view value(text, length);
    if (member_ == Member::id && !id_) {
      id_ = value;
      return paper::detail::is_utf8(value);  // half of a surrogate pair, escaped, is not
    }
    if (member_ == Member::outcome && !outcome_) {
      outcome_ = outcome_of(value);
      return outcome_.has_value();
    }
    return Default();
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    if (member_ != Member::count || count_) return Default();
    const char* const end = text + length;
    const auto [stop, error] = std::from_chars(text, end, count_.emplace());
    return error == std::errc() && stop == end;
  }
  // Any other value.
  bool Default() { return depth_ > 0 && member_ == Member::other; }

  bool StartObject() {
    const bool entry = in_entries_ && depth_ == 2;
    if (depth_ > 0 && !entry && member_ != Member::other) return false;
    ++depth_;
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    if (in_entry() && !end_entry()) return false;
    --depth_;
    return true;
  }
  bool StartArray() {
    if (member_ == Member::entries && depth_ == 1 && !listed_) {
      in_entries_ = listed_ = true;
    } else if (!Default()) {
      return false;
    }
    ++depth_;
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    if (--depth_ == 1) in_entries_ = false;
    return true;
  }

 private:
  enum class Member : std::uint8_t { count, entries, id, outcome, other };

  bool in_entry() const { return in_entries_ && depth_ == 3; }

  bool end_entry() {
    if (!id_ || !outcome_) return false;
    paper::LedgerEntry& entry = ledger_.emplace_back();
    entry.client_order_id = *std::exchange(id_, std::nullopt);
    entry.outcome = *std::exchange(outcome_, std::nullopt);
    member_ = Member::entries;  // again
    return true;
  }

  std::size_t depth_ = 0;          // of objects and arrays: 1 in the ledger, 3 in an entry
  Member member_ = Member::other;  // of the last name; in an array, of the array's
  std::optional<std::uint64_t> count_;
  bool listed_ = false;      // entries were there
  bool in_entries_ = false;  // at depth 2 and deeper
  std::optional<std::string> id_;
  std::optional<paper::OrderOutcome> outcome_;
  Ledger ledger_;
};

}  // namespace

std::optional<Ledger> ledger_from_json(std::string_view json) {
  LedgerReader reader;
  if (!read_server_json(json, reader)) return std::nullopt;
  return reader.take();
}

}  // namespace leasehold::stress
