#include "stress/ledger_json.hpp"

#include <rapidjson/document.h>

#include <string>
#include <utility>

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

std::optional<std::string_view> text_in(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return std::nullopt;
  return std::string_view(member->value.GetString(), member->value.GetStringLength());
}

}  // namespace

std::optional<Ledger> ledger_from_json(std::string_view json) {
  rapidjson::Document parsed;
  parsed.Parse(json.data(), json.size());
  if (parsed.HasParseError() || !parsed.IsObject()) return std::nullopt;
  const rapidjson::Value& document = parsed;
  const auto count = document.FindMember("count");
  const auto entries = document.FindMember("entries");
  if (count == document.MemberEnd() || !count->value.IsUint64()) return std::nullopt;
  if (entries == document.MemberEnd() || !entries->value.IsArray()) return std::nullopt;
  if (entries->value.Size() != count->value.GetUint64()) return std::nullopt;

  Ledger ledger;
  for (const rapidjson::Value& each : entries->value.GetArray()) {
    if (!each.IsObject()) return std::nullopt;
    const auto id = text_in(each, "client_order_id");
    const auto outcome = outcome_of(text_in(each, "outcome").value_or(""));
    if (!id || !outcome) return std::nullopt;
    paper::LedgerEntry entry;
    entry.client_order_id = *id;
    entry.outcome = *outcome;
    ledger.push_back(std::move(entry));
  }
  return ledger;
}

}  // namespace leasehold::stress
