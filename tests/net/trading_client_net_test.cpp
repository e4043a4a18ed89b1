// TradingClient against the paper exchange, over each of the three ways to own clients: what it
// reports is what the exchange's ledger has.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/request_channel.hpp"
#include "support/patient.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using leasehold::test::soon;
using leasehold::test::Venue;

namespace {

constexpr int kTenants = 3;
constexpr int kOrders = 40;  // of each

std::string key_id(int tenant) { return "PKTENANT" + std::to_string(tenant); }
Credentials keys(int tenant) {
  return {.key_id = key_id(tenant), .secret_key = "s3cr3t" + std::to_string(tenant)};
}

paper::ExchangeSettings with_accounts() {
  paper::ExchangeSettings settings;
  for (int tenant = 0; tenant < kTenants; ++tenant) {
    const Credentials its = keys(tenant);
    settings.accounts.push_back({.key_id = its.key_id, .secret = its.secret_key});
  }
  return settings;
}

const NewOrder kOrder{.symbol = "SPY",
                      .qty = Decimal("0.5"),
                      .type = OrderType::limit,
                      .limit_price = Decimal("400.25")};

// Each tenant places its orders in a thread of its own, and looks each up.
template <class Source>
void trade(Source& source, Venue& venue) {
  std::vector<std::vector<std::string>> accepted(kTenants);
  {
    std::vector<std::jthread> threads;
    for (int tenant = 0; tenant < kTenants; ++tenant) {
      threads.emplace_back([&source, &mine = accepted[static_cast<std::size_t>(tenant)], tenant] {
        const TradingClient client(source, keys(tenant));
        for (int i = 0; i < kOrders; ++i) {
          const Result<Accepted> result = client.submit(kOrder, soon());
          if (!std::holds_alternative<Accepted>(result)) continue;
          const Order& order = std::get<Accepted>(result).order;
          const Result<Order> seen = client.order_by_client_id(order.client_order_id, soon());
          if (std::holds_alternative<Order>(seen) && std::get<Order>(seen).id == order.id &&
              order.limit_price == kOrder.limit_price && order.qty == kOrder.qty) {
            mine.push_back(order.client_order_id);
          }
        }
      });
    }
  }
  std::vector<std::pair<std::string, std::string>> reported;
  for (int tenant = 0; tenant < kTenants; ++tenant) {
    CHECK(accepted[static_cast<std::size_t>(tenant)].size() == kOrders);
    for (const std::string& id : accepted[static_cast<std::size_t>(tenant)]) {
      reported.emplace_back(key_id(tenant), id);
    }
  }
  std::vector<std::pair<std::string, std::string>> committed;
  for (const paper::LedgerEntry& entry : venue.exchange.ledger()) {
    CHECK(entry.outcome == paper::OrderOutcome::committed);
    committed.emplace_back(entry.account, entry.client_order_id);
  }
  std::ranges::sort(reported);
  std::ranges::sort(committed);
  CHECK(reported == committed);
}

}  // namespace

TEST_CASE("what a tenant is told of its orders is what the venue's ledger has, over a pool") {
  Venue venue(with_accounts());
  ClientPool pool(venue.client(), test::patient_pool({.size = 2}));
  trade(pool, venue);
}

TEST_CASE("the same over a client for each thread") {
  Venue venue(with_accounts());
  ClientPerThread clients(venue.client());
  trade(clients, venue);
}

TEST_CASE("the same over a channel") {
  Venue venue(with_accounts());
  RequestChannel channel(venue.client(), {.clients = 2});
  trade(channel, venue);
}

TEST_CASE("orders are listed, replaced and cancelled as the venue has them") {
  Venue venue(with_accounts());
  ClientPool pool(venue.client(), {.size = 2});
  const TradingClient client(pool, keys(0));
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const Result<Accepted> result = client.submit(kOrder, soon());
    REQUIRE(std::holds_alternative<Accepted>(result));
    ids.push_back(std::get<Accepted>(result).order.id);
  }
  const auto open = [&client] {
    const Result<std::vector<Order>> listed =
        client.orders({.direction = Direction::oldest_first}, soon());
    REQUIRE(std::holds_alternative<std::vector<Order>>(listed));
    std::vector<std::string> found;
    for (const Order& order : std::get<std::vector<Order>>(listed)) found.push_back(order.id);
    return found;
  };
  CHECK(open() == ids);

  const Result<Accepted> replaced = client.replace(ids[1], {.qty = Decimal("0.75")}, soon());
  REQUIRE(std::holds_alternative<Accepted>(replaced));
  const Order& made = std::get<Accepted>(replaced).order;
  CHECK(made.replaces == ids[1]);
  CHECK(made.qty == Decimal("0.75"));
  CHECK(made.limit_price == kOrder.limit_price);
  const Result<Order> old = client.order(ids[1], soon());
  REQUIRE(std::holds_alternative<Order>(old));
  CHECK((std::get<Order>(old).status == OrderStatus::replaced));
  CHECK(std::get<Order>(old).replaced_by == made.id);
  CHECK(open() == std::vector{ids[0], ids[2], made.id});

  for (int times = 0; times < 2; ++times) {
    CHECK(std::holds_alternative<CancelRequested>(client.cancel(ids[0], soon())));
  }
  CHECK(std::holds_alternative<Refused>(client.cancel(ids[1], soon())));
  const Result<CancelRequested> unknown = client.cancel("none", soon());
  REQUIRE(std::holds_alternative<Refused>(unknown));
  CHECK(std::get<Refused>(unknown).status == 404);
  const Result<std::vector<Cancelled>> all = client.cancel_all(soon());
  REQUIRE(std::holds_alternative<std::vector<Cancelled>>(all));
  CHECK(std::get<std::vector<Cancelled>>(all).size() == 2);
  CHECK(open().empty());
  // Another account has none of them.
  const Credentials other = keys(1);
  const Result<CancelRequested> others = client.cancel(ids[2], soon(), {.credentials = &other});
  REQUIRE(std::holds_alternative<Refused>(others));
  CHECK(std::get<Refused>(others).status == 404);
  CHECK(venue.exchange.status().orders_committed == 4);
}

TEST_CASE("keys that are no account's are refused, and a spent client_order_id is") {
  Venue venue(with_accounts());
  ClientPool pool(venue.client(), {.size = 1});
  const TradingClient client(pool, keys(0));
  NewOrder order = kOrder;
  order.client_order_id = "once";
  CHECK(std::holds_alternative<Accepted>(client.submit(order, soon())));
  const Credentials nobody{.key_id = key_id(0), .secret_key = "guessed"};
  const Result<Accepted> refused = client.submit(order, soon(), {.credentials = &nobody});
  REQUIRE(std::holds_alternative<Refused>(refused));
  CHECK(std::get<Refused>(refused).sentence() == "refused: 401: \"unauthorized.\"");
  // Another account's orders have ids of their own.
  const Credentials other = keys(1);
  CHECK(std::holds_alternative<Accepted>(client.submit(order, soon(), {.credentials = &other})));
  CHECK(std::ranges::count(venue.exchange.ledger(), paper::OrderOutcome::committed,
                           &paper::LedgerEntry::outcome) == 2);
}

TEST_CASE("a closed source sends nothing, whichever it is") {
  Venue venue;
  const auto closed = [&](auto& source) {
    source.close(soon());
    const TradingClient client(source, keys(0));
    const Result<Accepted> result = client.submit(kOrder, soon());
    REQUIRE(std::holds_alternative<NotSent>(result));
    CHECK(std::get<NotSent>(result).fault.phase == Phase::wait);
  };
  ClientPool pool(venue.client(), {.size = 1});
  ClientPerThread clients(venue.client());
  RequestChannel channel(venue.client());
  closed(pool);
  closed(clients);
  closed(channel);
  CHECK(venue.exchange.ledger().empty());
}

TEST_CASE("the venue's clock is read without an account's say") {
  Venue venue;
  ClientPool pool(venue.client(), {.size = 1});
  const Result<MarketClock> clock = TradingClient(pool, keys(0)).clock(soon());
  REQUIRE(std::holds_alternative<MarketClock>(clock));
  CHECK(std::get<MarketClock>(clock).is_open);
  CHECK(std::get<MarketClock>(clock).next_close > std::get<MarketClock>(clock).timestamp);
}
