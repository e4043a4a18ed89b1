// Places one order, and cancels it: one call each.
//
//   leasehold-exchange --cert-out ca.pem     # says where it is
//   LEASEHOLD_CLIENT_ORIGIN=https://127.0.0.1:… LEASEHOLD_CLIENT_CA_FILE=ca.pem
//     APCA_API_KEY_ID=any APCA_API_SECRET_KEY=any ./place_order
//
// At Alpaca's paper venue, with the keys of a paper account:
//   LEASEHOLD_CLIENT_ORIGIN=https://paper-api.alpaca.markets
//     APCA_API_KEY_ID=… APCA_API_SECRET_KEY=… ./place_order
#include <leasehold/alpaca/trading_client.hpp>
#include <leasehold/leasehold.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <variant>

using namespace leasehold::alpaca;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

int main() try {
  const leasehold::Settings settings = leasehold::settings_from_environment();
  leasehold::ClientPool pool(settings.client, {.name = "trading", .size = 2});
  const TradingClient client(pool, credentials_from_environment());

  const Result<Accepted> result = client.submit({.symbol = "SPY",
                                                 .qty = Decimal::of(1),
                                                 .side = Side::buy,
                                                 .type = OrderType::limit,
                                                 .limit_price = Decimal("1.25")},
                                                steady_clock::now() + 20s);
  const auto* const accepted = std::get_if<Accepted>(&result);
  if (const auto* const refused = std::get_if<Refused>(&result)) {
    std::printf("%s\n", refused->sentence().c_str());
  } else if (const auto* const not_sent = std::get_if<NotSent>(&result)) {
    std::printf("%s\n", not_sent->sentence().c_str());  // safe to call again
  } else if (const auto* const in_doubt = std::get_if<InDoubt>(&result)) {
    // It was looked up as long as there was time. Not to be sent again: look on.
    std::printf("%s: %s\n", in_doubt->client_order_id.c_str(), in_doubt->sentence().c_str());
  }
  if (accepted == nullptr) return 1;
  std::printf("1 order placed: %s, %s\n", accepted->order.id.c_str(),
              accepted->order.status.text.c_str());

  const Result<CancelRequested> cancelled =
      client.cancel(accepted->order.id, steady_clock::now() + 20s);
  std::printf("cancel requested: %s\n",
              std::holds_alternative<CancelRequested>(cancelled) ? "yes" : "no");
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "place_order: %s\n", error.what());
  return 2;
}
