#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "leasehold/alpaca/order.hpp"

namespace leasehold::alpaca::detail {

template <class Word>
struct Spelling {
  Word word;
  const char* text;
};

// The API's words, in the order of the enumerations.
inline constexpr Spelling<Side> kSides[] = {{Side::buy, "buy"}, {Side::sell, "sell"}};
inline constexpr Spelling<OrderType> kOrderTypes[] = {{OrderType::market, "market"},
                                                      {OrderType::limit, "limit"},
                                                      {OrderType::stop, "stop"},
                                                      {OrderType::stop_limit, "stop_limit"},
                                                      {OrderType::trailing_stop, "trailing_stop"}};
inline constexpr Spelling<TimeInForce> kTimesInForce[] = {
    {TimeInForce::day, "day"}, {TimeInForce::gtc, "gtc"}, {TimeInForce::opg, "opg"},
    {TimeInForce::cls, "cls"}, {TimeInForce::ioc, "ioc"}, {TimeInForce::fok, "fok"}};
inline constexpr Spelling<OrderClass> kOrderClasses[] = {{OrderClass::simple, "simple"},
                                                         {OrderClass::bracket, "bracket"},
                                                         {OrderClass::oco, "oco"},
                                                         {OrderClass::oto, "oto"},
                                                         {OrderClass::mleg, "mleg"}};
inline constexpr Spelling<PositionIntent> kPositionIntents[] = {
    {PositionIntent::buy_to_open, "buy_to_open"},
    {PositionIntent::buy_to_close, "buy_to_close"},
    {PositionIntent::sell_to_open, "sell_to_open"},
    {PositionIntent::sell_to_close, "sell_to_close"}};
inline constexpr Spelling<OrderStatus> kOrderStatuses[] = {
    {OrderStatus::pending_new, "pending_new"},
    {OrderStatus::accepted, "accepted"},
    {OrderStatus::new_order, "new"},
    {OrderStatus::partially_filled, "partially_filled"},
    {OrderStatus::pending_cancel, "pending_cancel"},
    {OrderStatus::pending_replace, "pending_replace"},
    {OrderStatus::pending_review, "pending_review"},
    {OrderStatus::accepted_for_bidding, "accepted_for_bidding"},
    {OrderStatus::held, "held"},
    {OrderStatus::stopped, "stopped"},
    {OrderStatus::suspended, "suspended"},
    {OrderStatus::calculated, "calculated"},
    {OrderStatus::done_for_day, "done_for_day"},
    {OrderStatus::filled, "filled"},
    {OrderStatus::canceled, "canceled"},
    {OrderStatus::expired, "expired"},
    {OrderStatus::replaced, "replaced"},
    {OrderStatus::rejected, "rejected"}};

template <class Word>
constexpr std::span<const Spelling<Word>> spellings() noexcept {
  if constexpr (std::is_same_v<Word, Side>) return kSides;
  if constexpr (std::is_same_v<Word, OrderType>) return kOrderTypes;
  if constexpr (std::is_same_v<Word, TimeInForce>) return kTimesInForce;
  if constexpr (std::is_same_v<Word, OrderClass>) return kOrderClasses;
  if constexpr (std::is_same_v<Word, PositionIntent>) return kPositionIntents;
  if constexpr (std::is_same_v<Word, OrderStatus>) return kOrderStatuses;
}

template <class Word>
constexpr const char* spelled(Word word) noexcept {
  for (const Spelling<Word>& each : spellings<Word>()) {
    if (each.word == word) return each.text;
  }
  return "";
}

template <class Word>
std::optional<Word> word_of(std::string_view text) noexcept {
  for (const Spelling<Word>& each : spellings<Word>()) {
    if (each.text == text) return each.word;
  }
  return std::nullopt;
}

}  // namespace leasehold::alpaca::detail
