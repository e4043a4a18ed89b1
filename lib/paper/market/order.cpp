#include "paper/market/order.hpp"

namespace leasehold::paper::detail {

std::string_view first_characters(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    // Every byte that does not continue a character begins one.
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && ++characters > most) return text.substr(0, at);
  }
  return text;
}

const char* to_string(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending_new:
      return "pending_new";
    case OrderStatus::fresh:
      return "new";
    case OrderStatus::canceled:
      return "canceled";
    case OrderStatus::replaced:
      return "replaced";
  }
  return "";
}

const char* to_string(Side side) { return side == Side::buy ? "buy" : "sell"; }

const char* to_string(OrderType type) {
  switch (type) {
    case OrderType::market:
      return "market";
    case OrderType::limit:
      return "limit";
    case OrderType::stop:
      return "stop";
    case OrderType::stop_limit:
      return "stop_limit";
    case OrderType::trailing_stop:
      return "trailing_stop";
  }
  return "";
}

const char* to_string(TimeInForce time_in_force) {
  switch (time_in_force) {
    case TimeInForce::day:
      return "day";
    case TimeInForce::gtc:
      return "gtc";
    case TimeInForce::opg:
      return "opg";
    case TimeInForce::cls:
      return "cls";
    case TimeInForce::ioc:
      return "ioc";
    case TimeInForce::fok:
      return "fok";
  }
  return "";
}

const char* to_string(PositionIntent intent) {
  switch (intent) {
    case PositionIntent::buy_to_open:
      return "buy_to_open";
    case PositionIntent::buy_to_close:
      return "buy_to_close";
    case PositionIntent::sell_to_open:
      return "sell_to_open";
    case PositionIntent::sell_to_close:
      return "sell_to_close";
  }
  return "";
}

}  // namespace leasehold::paper::detail
