// Where leasehold-stress sends orders, and how it learns what became of them.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "stress/account.hpp"
#include "stress/http_query.hpp"
#include "stress/strategy.hpp"
#include "stress/venue.hpp"
#include "support/patient.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::stress;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

const OrderIds ids(1, 0xfeed, 0);
const OrderIds other_ids(7, 0xfeed, 0);  // as a garbled one of ours, or somebody else's

// What a run of one order finds that got no answer, when the venue received one under another id.
Account account_after_an_order_under_another_id(stress::Venue& venue) {
  const auto strategy = make_strategy(StrategyKind::pool, venue.client_settings(patient_client({})),
                                      patient_pool({.size = 1}), 1);
  OrderText order(1, other_ids);
  order.write({0, 0});
  REQUIRE(strategy->sender(0)->send(order, std::stop_token()).fate == OrderFate::answered);
  const LedgerReading reading = venue.close_ledger();
  REQUIRE(reading.state == LedgerReading::State::read);
  std::vector<ThreadRecord> threads(1);
  threads[0].orders.push_back({.fate = OrderFate::in_doubt});
  return account_for(threads, ids, &reading.ledger, reading.whose);
}

}  // namespace

TEST_CASE("whatever the embedded exchange received must be an order of the run") {
  const auto venue = embedded_venue(0us, 10);
  const Account account = account_after_an_order_under_another_id(*venue);
  REQUIRE(account.ledger.has_value());
  CHECK(account.ledger->strangers == std::vector<std::string>{other_ids.text({0, 0})});
  CHECK_FALSE(account.adds_up());
}

TEST_CASE("a server may have other users") {
  const test::Venue server;
  const auto venue = remote_venue(server.client());
  const Account account = account_after_an_order_under_another_id(*venue);
  REQUIRE(account.ledger.has_value());
  CHECK(account.ledger->strangers.empty());
  CHECK(account.adds_up());
}

TEST_CASE("an answer that is longer than wanted is none, and says so") {
  const test::Venue server;
  const auto ledger = [&](std::size_t most_bytes) {
    return http_query(server.client(), HttpQuery::get, "/_sim/ledger", most_bytes);
  };
  const std::string body = R"({"count":0,"entries":[]})";
  const HttpReply whole = ledger(body.size());
  CHECK(whole.status == 200);
  CHECK(whole.body == body);
  const HttpReply cut = ledger(body.size() - 1);
  CHECK_FALSE(cut.status.has_value());
  CHECK(cut.problem == "an answer of more than 23 bytes");
}
