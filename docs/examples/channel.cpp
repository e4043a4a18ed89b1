// A strategy's thread submits orders and never waits for one of them: it looks for the answers when
// it has nothing better to do. One thread of the channel's drives all that are under way.
//
//   leasehold-exchange --cert-out ca.pem     # says where it is
//   LEASEHOLD_CLIENT_ORIGIN=https://127.0.0.1:… LEASEHOLD_CLIENT_CA_FILE=ca.pem ./channel
#include <leasehold/leasehold.hpp>

#include <unistd.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::uint64_t kOrders = 30;

std::string order_json(std::uint64_t number) {
  return R"({"symbol":"SPY","qty":"1","side":"buy","type":"market","time_in_force":"day",)"
         R"("client_order_id":")" +
         std::to_string(::getpid()) + "-channel-" + std::to_string(number) + "\"}";
}

}  // namespace

int main() try {
  const leasehold::Settings settings = leasehold::settings_from_environment();
  leasehold::ResponseChannel responses;
  leasehold::RequestChannel channel(settings.client, {.name = "trading", .clients = 4});
  const leasehold::Header type[] = {{"Content-Type", "application/json"}};
  const leasehold::PreparedRequest place(leasehold::Method::post, "/v2/orders", type);

  for (std::uint64_t number = 0; number < kOrders; ++number) {
    channel.submit(place, order_json(number), steady_clock::now() + 5s, responses, number);
    // A strategy would look at the market here.
  }
  std::uint64_t placed = 0;
  for (std::uint64_t told = 0; told < kOrders; ++told) {
    const auto arrival = responses.receive(steady_clock::now() + 60s);
    if (!arrival) break;
    const leasehold::Outcome& outcome = arrival->outcome;
    if (outcome && outcome.response().status() == 200) {
      ++placed;
    } else {
      std::printf("order %llu: %s\n", static_cast<unsigned long long>(arrival->id),
                  outcome ? "refused" : outcome.sentence().c_str());
    }
  }
  const leasehold::ChannelCloseReport report = channel.close(steady_clock::now() + 5s);
  std::printf("%llu orders placed of %llu submitted\n", static_cast<unsigned long long>(placed),
              static_cast<unsigned long long>(report.submitted));
  return placed == kOrders ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "channel: %s\n", error.what());
  return 2;
}
