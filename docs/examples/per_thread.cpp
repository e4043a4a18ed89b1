// Three tenants, a thread each, place orders, each through a client of its own.
//
//   leasehold-exchange --cert-out ca.pem     # says where it is
//   LEASEHOLD_CLIENT_ORIGIN=https://127.0.0.1:… LEASEHOLD_CLIENT_CA_FILE=ca.pem ./per_thread
#include <leasehold/leasehold.hpp>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kOrders = 10;  // of each tenant

std::string order_json(const std::string& client_order_id) {
  return R"({"symbol":"SPY","qty":"1","side":"buy","type":"market","time_in_force":"day",)"
         R"("client_order_id":")" +
         client_order_id + "\"}";
}

}  // namespace

int main() try {
  const leasehold::Settings settings = leasehold::settings_from_environment();
  leasehold::ClientPerThread clients(settings.client, {.name = "trading", .max_threads = 3});
  const leasehold::Header type[] = {{"Content-Type", "application/json"}};
  const leasehold::PreparedRequest place(leasehold::Method::post, "/v2/orders", type);

  std::atomic<int> placed{0};
  {
    std::vector<std::jthread> tenants;
    for (const char* const name : {"SPY_HUNTER", "MOMENTUM", "MEAN_REV"}) {
      tenants.emplace_back([&, name] {
        for (int i = 0; i < kOrders; ++i) {
          const std::string id = std::to_string(::getpid()) + "-" + name + "-" + std::to_string(i);
          const leasehold::Outcome outcome =
              clients.send(place, order_json(id), steady_clock::now() + 5s);
          if (outcome && outcome.response().status() == 200) {
            ++placed;
          } else if (outcome) {
            std::printf("%s: refused with status %d\n", id.c_str(), outcome.response().status());
          } else {
            std::printf("%s: %s\n", id.c_str(), outcome.sentence().c_str());
          }
        }
      });
    }
  }
  const leasehold::PoolStatus status = clients.status();
  std::printf("%d orders placed over %llu connections\n", placed.load(),
              static_cast<unsigned long long>(status.handshakes));
  return placed == 3 * kOrders ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "per_thread: %s\n", error.what());
  return 2;
}
