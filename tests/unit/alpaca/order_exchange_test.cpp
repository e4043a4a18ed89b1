// Two readings of one API: what has no problem for the client, the exchange takes. They share no
// code, so a common fault would have to be made twice.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <variant>

#include "alpaca/order_codec.hpp"
#include "leasehold/alpaca/order.hpp"
#include "paper/market/order_codec.hpp"
#include "paper/market/order_rules.hpp"

using namespace leasehold;

namespace {

class RandomOrders {
 public:
  alpaca::NewOrder next() {
    alpaca::NewOrder order{.symbol = one_of("AAPL", "BRK.B", "ETH/USD", "")};
    order.side = static_cast<alpaca::Side>(pick(2));
    order.type = static_cast<alpaca::OrderType>(pick(5));
    order.time_in_force = static_cast<alpaca::TimeInForce>(pick(6));
    order.qty = number(3);
    order.notional = number(1);
    order.limit_price = number(2);
    order.stop_price = number(2);
    order.trail_price = number(1);
    order.trail_percent = number(1);
    order.extended_hours = pick(8) == 0;
    order.client_order_id.assign(pick(3) == 0 ? 120 + pick(12) : pick(20), 'i');
    if (pick(3) == 0) order.position_intent = static_cast<alpaca::PositionIntent>(pick(4));
    return order;
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  std::string one_of(auto... texts) {
    const std::array<const char*, sizeof...(texts)> all = {texts...};
    return all[pick(all.size())];
  }
  // In so many of 4 cases.
  std::optional<alpaca::Decimal> number(std::size_t often) {
    if (pick(4) >= often) return std::nullopt;
    return alpaca::Decimal(one_of("1", "150.25", "0.5", "0.123", "0.00012", "1.005", "290.123", "0",
                                  "-1", "0.057436865", "0.0000000001", "9223372036.85",
                                  "9223372037", "1e3"));
  }
  std::mt19937_64 random_{11};
};

}  // namespace

TEST_CASE("what has no problem for the client, the exchange takes, and the reverse") {
  RandomOrders orders;
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    const alpaca::NewOrder order = orders.next();
    const std::string body = alpaca::detail::write_order(order);
    const std::string problem = alpaca::problem_of(order);
    CAPTURE(body);
    CAPTURE(problem);
    const auto form = paper::detail::read_order_form(body);
    REQUIRE(form);
    const auto ruling = paper::detail::apply_rules(*form);
    const auto* const broken = std::get_if<paper::detail::ApiError>(&ruling);
    // When a coin may be traded the client leaves to the venue.
    if (broken != nullptr && broken->message == "invalid crypto time_in_force") continue;
    CHECK(problem.empty() == (broken == nullptr));
    ++(broken == nullptr ? taken : refused);
  }
  CHECK(taken > 1000);
  CHECK(refused > 1000);
}
