// Keys are in the requests that carry them, and in no text that the trading API gives anybody.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "leasehold/alpaca/trading_client.hpp"
#include "support/leaping_clock.hpp"
#include "support/scripted_carrier.hpp"
#include "support/temporary_folder.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using namespace std::chrono_literals;
using leasehold::test::answered;
using leasehold::test::LeapingClock;
using leasehold::test::ScriptedCarrier;

namespace {

const Credentials kKeys{.key_id = "PKHIDDEN0001", .secret_key = "hiddens3cr3tPKHIDDEN0001key"};
const Credentials kOthers{.key_id = "PKHIDDEN0002", .secret_key = "hiddens3cr3tof0th3rs"};

// Whatever an answer can repeat of a request's headers, as pages of proxies do.
std::string repeating(const Credentials& keys, bool is_json) {
  const std::string both = keys.key_id + " and " + keys.secret_key;
  if (!is_json) return "<html>" + both + "</html>";
  return R"({"code":40310000,"message":"no to )" + both + ' ' + both + R"(","details":")" + both +
         R"(",")" + keys.secret_key + R"(":["x",{"APCA-API-SECRET-KEY":")" + keys.secret_key +
         R"("}]})";
}

struct Texts {
  void add(const std::string& text) { all.push_back(text); }
  template <class Value>
  void add(const Result<Value>& result) {
    if (const auto* const refused = std::get_if<Refused>(&result)) {
      add(refused->sentence());
      add(refused->message);
      for (const Extra& extra : refused->extras) add(extra.name + extra.json);
      ++refusals;
    }
    if (const auto* const not_sent = std::get_if<NotSent>(&result)) {
      add(not_sent->sentence());
      add(not_sent->fault.detail);
    }
    if (const auto* const in_doubt = std::get_if<InDoubt>(&result)) {
      add(in_doubt->sentence());
      add(in_doubt->fault.detail);
      ++doubts;
    }
  }

  std::vector<std::string> all;
  int refusals = 0;
  int doubts = 0;
};

}  // namespace

TEST_CASE("no text shows a key, though the venue repeats both in whatever it answers") {
  Texts texts;
  const leasehold::test::TemporaryFolder folder;
  const std::string path = folder.path("journal");
  for (const Credentials* const whose : {static_cast<const Credentials*>(nullptr), &kOthers}) {
    for (const int status : {200, 204, 207, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503}) {
      for (const bool is_json : {true, false}) {
        CAPTURE(status);
        auto carrier = std::make_unique<ScriptedCarrier>();
        ScriptedCarrier& venue = *carrier;
        for (int i = 0; i < 2000; ++i) {
          venue.plan(status, repeating(whose != nullptr ? *whose : kKeys, is_json));
        }
        LeapingClock clock;
        FileJournal journal(path);
        const TradingClient client(std::move(carrier), kKeys, {}, {.journal = &journal}, &clock);
        const CallOptions options{.credentials = whose};
        const auto by = [&clock] { return clock.now() + 10s; };
        texts.add(client.submit({.symbol = "SPY", .qty = Decimal::of(1)}, by(), options));
        texts.add(client.replace("1", {.qty = Decimal::of(2)}, by(), options));
        texts.add(client.resolve("mine-1", by(), options));
        texts.add(client.cancel("1", by(), options));
        texts.add(client.cancel_all(by(), options));
        texts.add(client.order("1", by(), options));
        texts.add(client.order_by_client_id("mine-1", by(), options));
        texts.add(client.orders({}, by(), options));
        texts.add(client.positions(by(), options));
        texts.add(client.position("SPY", by(), options));
        texts.add(client.account(by(), options));
        texts.add(client.clock(by(), options));
        for (const Recovered& left : client.recover(by())) {
          texts.add(left.intent.body);
          texts.add(left.result);
        }
        std::ostringstream kept;
        kept << std::ifstream(path).rdbuf();
        texts.add(kept.str());
        REQUIRE_FALSE(venue.carried().empty());
      }
    }
  }
  CHECK(texts.refusals > 100);
  CHECK(texts.doubts > 100);
  for (const std::string& text : texts.all) {
    for (const Credentials& keys : {kKeys, kOthers}) {
      CHECK(text.find(keys.key_id) == std::string::npos);
      CHECK(text.find(keys.secret_key) == std::string::npos);
    }
  }
}

TEST_CASE("where a key stood in the venue's words, stars stand, and the rest is there") {
  auto carrier = std::make_unique<ScriptedCarrier>();
  carrier->plan(403, repeating(kKeys, true));
  LeapingClock clock;
  const TradingClient client(std::move(carrier), kKeys, {}, {}, &clock);
  const Result<Account> result = client.account(clock.now() + 1s);
  REQUIRE(std::holds_alternative<Refused>(result));
  const auto& refused = std::get<Refused>(result);
  CHECK(refused.code == 40310000);
  CHECK(refused.message == "no to *** and *** *** and ***");
  REQUIRE(refused.extras.size() == 2);
  CHECK((refused.extras[0] == Extra{"details", R"("*** and ***")"}));
}
