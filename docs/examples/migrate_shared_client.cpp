// One HTTP client that three tenants share, before and after. The engine keeps its shape: a thread
// for each tenant, one place_order() for all of them.
//
//   leasehold-exchange --cert-out ca.pem     # says where it is
//   LEASEHOLD_CLIENT_ORIGIN=https://127.0.0.1:… LEASEHOLD_CLIENT_CA_FILE=ca.pem
//     APCA_API_KEY_ID=any APCA_API_SECRET_KEY=any ./migrate_shared_client
#include <leasehold/alpaca/trading_client.hpp>
#include <leasehold/httplib.hpp>  // was: #include <httplib.h>
#include <leasehold/leasehold.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

using namespace leasehold::alpaca;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

// Before. Without the mutex it crashes under load; with it, every order waits for the slowest. An
// order of which nothing is heard may have been made or not, and from cpp-httplib 0.12 on it may have
// been sent twice.
class SharedClient {
 public:
  SharedClient(const leasehold::ClientSettings& settings, const Credentials& keys)
      : client_(settings.origin.substr(settings.origin.find("//") + 2)),
        headers_{{"APCA-API-KEY-ID", keys.key_id}, {"APCA-API-SECRET-KEY", keys.secret_key}} {}

  bool place_order(const std::string& json) {
    const std::lock_guard lock(mutex_);
    const httplib::Result result = client_.Post("/v2/orders", headers_, json, "application/json");
    return result && result->status == 200;
  }

 private:
  std::mutex mutex_;
  httplib::SSLClient client_;
  httplib::Headers headers_;
};

// After. As many orders at once as there are clients, first come, first served; each ends by its
// deadline as accepted, refused, not sent or in doubt, and is made at most once.
class PooledClient {
 public:
  PooledClient(const leasehold::ClientSettings& settings, const Credentials& keys)
      : pool_(settings, {.name = "trading", .size = 16}), client_(pool_, keys) {}

  bool place_order(const NewOrder& order) {
    const Result<Accepted> result = client_.submit(order, steady_clock::now() + 20s);
    return std::holds_alternative<Accepted>(result);
  }

 private:
  leasehold::ClientPool pool_;
  TradingClient client_;
};

}  // namespace

int main() try {
  const leasehold::Settings settings = leasehold::settings_from_environment();
  PooledClient client(settings.client, credentials_from_environment());  // was: SharedClient

  std::atomic<int> placed{0};
  {
    std::vector<std::jthread> tenants;
    for (const char* const symbol : {"SPY", "QQQ", "IWM"}) {
      tenants.emplace_back([&client, &placed, symbol] {
        for (int i = 0; i < 10; ++i) {
          if (client.place_order({.symbol = symbol, .qty = Decimal::of(1)})) ++placed;
        }
      });
    }
  }
  std::printf("%d orders placed\n", placed.load());
  return placed == 30 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "migrate_shared_client: %s\n", error.what());
  return 2;
}
