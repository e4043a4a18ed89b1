// At most one order for an intent: what TradingClient does about one that may have been made, with
// a venue and a clock that do as they are told.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/settings_error.hpp"
#include "support/leaping_clock.hpp"
#include "support/refused_setting.hpp"
#include "support/scripted_carrier.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using namespace std::chrono_literals;
using leasehold::test::answered;
using leasehold::test::LeapingClock;
using leasehold::test::ScriptedCarrier;
using leasehold::test::unanswered;

namespace {

const Credentials kKeys{.key_id = "PKTENANT", .secret_key = "s3cr3t"};
const TradingSettings kSettings{.request_timeout = 1s,
                                .lookup_interval = 100ms,
                                .lookup_interval_max = 2s,
                                .execution_window = 60s};
constexpr const char* kMine = R"({"id":"7b08","client_order_id":"mine-1","status":"new","qty":"2",)"
                              R"("symbol":"AAPL","side":"buy","type":"limit",)"
                              R"("limit_price":"150","replaces":null})";
constexpr const char* kReplacing = R"({"id":"7b08","client_order_id":"mine-1","status":"new",)"
                                   R"("qty":"2","symbol":"AAPL","replaces":"old"})";
constexpr const char* kNotFound = R"({"code":40410000,"message":"order not found for mine-1"})";
constexpr const char* kTaken = R"({"code":42210000,"message":"client_order_id must be unique"})";

// Keeps intents in memory, and the order of things.
class MemoryJournal final : public Journal {
 public:
  bool begin(const Intent& intent) noexcept override {
    if (is_full) return false;
    intents.push_back(intent);
    return true;
  }
  void end(std::string_view client_order_id, Ended ended) noexcept override {
    ends.emplace_back(client_order_id, ended);
    std::erase_if(intents,
                  [&](const Intent& each) { return each.client_order_id == client_order_id; });
  }
  std::vector<Intent> open() const override { return intents; }

  bool is_full = false;
  std::vector<Intent> intents;
  std::vector<std::pair<std::string, Ended>> ends;
};

struct Desk {
  Desk() : Desk(std::make_unique<ScriptedCarrier>()) {}

  NewOrder order() const {
    return {.symbol = "AAPL",
            .qty = Decimal::of(2),
            .type = OrderType::limit,
            .limit_price = Decimal::of(150),
            .client_order_id = "mine-1"};
  }
  Result<Accepted> submit(std::chrono::milliseconds within, CallOptions options = {}) {
    return client.submit(order(), clock.now() + within, options);
  }
  Result<Accepted> replace(std::chrono::milliseconds within) {
    return client.replace("old", {.qty = Decimal::of(2), .client_order_id = "mine-1"},
                          clock.now() + within);
  }
  // Answers this, and notes when it was asked.
  void plan(int status, std::string body = {}) {
    venue.plan([this, status, body = std::move(body)](const ScriptedCarrier::Carried&) {
      asked.push_back(clock.since_start());
      return answered(status, body);
    });
  }
  void plan_many(int count, int status, const std::string& body = {}) {
    for (int i = 0; i < count; ++i) plan(status, body);
  }
  // It was sent, and there is no answer until its deadline.
  void plan_silence() {
    venue.plan([this](const ScriptedCarrier::Carried& request) {
      asked.push_back(clock.since_start());
      clock.advance(request.deadline.at() - clock.now());
      return unanswered(Fate::in_doubt, Phase::read, Cause::deadline);
    });
  }
  // How many requests began so.
  int sent(std::string_view line) const {
    int count = 0;
    for (const auto& each : venue.carried()) count += each.line.starts_with(line) ? 1 : 0;
    return count;
  }

  LeapingClock clock;
  MemoryJournal journal;
  ScriptedCarrier& venue;
  TradingClient client;
  std::vector<std::chrono::milliseconds> asked;

 private:
  explicit Desk(std::unique_ptr<ScriptedCarrier> carrier)
      : venue(*carrier),
        client(std::move(carrier), kKeys, kSettings, {.journal = &journal}, &clock) {}
};

const InDoubt& in_doubt(const Result<Accepted>& result) {
  REQUIRE(std::holds_alternative<InDoubt>(result));
  return std::get<InDoubt>(result);
}

}  // namespace

TEST_CASE("whatever leaves an order in doubt, a look-up finds it, and it is sent once") {
  const struct {
    const char* name;
    Outcome (*outcome)();
  } causes[] = {
      {"500", [] { return answered(500, R"({"code":50010000,"message":"internal"})"); }},
      {"502", [] { return answered(502, "<html>"); }},
      {"503", [] { return answered(503); }},
      {"504", [] { return answered(504, "<html>"); }},
      {"408", [] { return answered(408); }},
      {"302", [] { return answered(302); }},
      {"cut short", [] { return answered(200, R"({"id":"7b08","client_ord)"); }},
      {"no JSON", [] { return answered(200, "OK"); }},
      {"another's",
       [] { return answered(200, R"({"id":"1","client_order_id":"x","status":"new"})"); }},
      {"closed", [] { return unanswered(Fate::in_doubt, Phase::read, Cause::peer_closed); }},
      {"reset", [] { return unanswered(Fate::in_doubt, Phase::write, Cause::connection_broken); }},
      {"late", [] { return unanswered(Fate::in_doubt, Phase::read, Cause::deadline); }},
      {"garbage",
       [] { return unanswered(Fate::in_doubt, Phase::read, Cause::malformed_response); }},
  };
  for (const auto& cause : causes) {
    for (const bool replaces : {false, true}) {
      CAPTURE(cause.name);
      CAPTURE(replaces);
      Desk desk;
      desk.venue.plan([&cause](const ScriptedCarrier::Carried&) { return cause.outcome(); });
      desk.plan(200, replaces ? kReplacing : kMine);
      const Result<Accepted> result = replaces ? desk.replace(10s) : desk.submit(10s);
      REQUIRE(std::holds_alternative<Accepted>(result));
      CHECK(std::get<Accepted>(result).order.id == "7b08");
      const auto carried = desk.venue.carried();
      REQUIRE(carried.size() == 2);
      CHECK(carried[1].line == "GET /v2/orders:by_client_order_id?client_order_id=mine-1 HTTP/1.1");
      CHECK(carried[1].lane == Lane::urgent);
      CHECK((desk.journal.ends == std::vector{std::pair(std::string("mine-1"), Ended::accepted)}));
    }
  }
}

TEST_CASE("it is looked up at once, and then ever more rarely") {
  Desk desk;
  desk.plan_silence();
  desk.plan(404, kNotFound);
  desk.plan(503);
  desk.plan(404, kNotFound);
  desk.plan(401, R"({"message":"unauthorized."})");
  desk.plan(404, kNotFound);
  desk.plan(404, kNotFound);
  desk.plan(404, kNotFound);
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(30s)));
  CHECK((desk.asked == std::vector<std::chrono::milliseconds>{0ms, 1000ms, 1100ms, 1300ms, 1700ms,
                                                              2500ms, 4100ms, 6100ms, 8100ms}));
  CHECK(desk.sent("POST") == 1);
}

TEST_CASE("one request takes no more than its share of a call's time") {
  Desk desk;
  const auto start = desk.clock.now();
  desk.plan_silence();
  desk.plan_silence();
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(2500ms)));
  const auto carried = desk.venue.carried();
  CHECK(carried[0].deadline.at() == start + 1s);
  CHECK(carried[1].deadline.at() == start + 2s);
  CHECK(carried[2].deadline.at() == start + 2500ms);
}

TEST_CASE("that it is not found proves nothing while it may still be executed") {
  Desk desk;
  desk.plan_silence();
  desk.plan_many(100, 404, kNotFound);
  const Result<Accepted> result = desk.submit(60s);
  CHECK(in_doubt(result).client_order_id == "mine-1");
  CHECK(in_doubt(result).fault.cause == Cause::deadline);
  CHECK(desk.sent("POST") == 1);
  CHECK(desk.journal.ends.empty());
  CHECK(desk.journal.open().size() == 1);
}

TEST_CASE("it is known not to exist when it is not found after the longest time it may take") {
  Desk desk;
  desk.plan_silence();
  desk.plan_many(100, 404, kNotFound);
  const Result<Accepted> result = desk.submit(120s);
  REQUIRE(std::holds_alternative<NotSent>(result));
  CHECK(std::get<NotSent>(result).absent);
  CHECK(std::get<NotSent>(result).fault.cause == Cause::deadline);
  CHECK(std::get<NotSent>(result).sentence() == "not made: the venue has no such order");
  CHECK(desk.asked.back() == 61s);  // a minute after its request had ended, and not later
  CHECK(desk.sent("POST") == 1);
  CHECK((desk.journal.ends == std::vector{std::pair(std::string("mine-1"), Ended::not_sent)}));
}

TEST_CASE("only the venue's own words say that there is no such order") {
  for (const char* const body : {"", "<html>404</html>", R"({"message":"Not Found"})",
                                 R"({"code":40010001,"message":"order not found"})"}) {
    CAPTURE(body);
    Desk desk;
    desk.plan_silence();
    desk.plan_many(100, 404, body);
    in_doubt(desk.submit(120s));
  }
}

TEST_CASE("look-ups that are not answered leave it in doubt, however long they are tried") {
  Desk desk;
  desk.plan_silence();
  desk.plan_many(100, 503);
  in_doubt(desk.submit(120s));
  Desk mute;
  for (int i = 0; i < 200; ++i) mute.plan_silence();
  in_doubt(mute.submit(120s));
  CHECK(mute.clock.since_start() <= 120s);
}

TEST_CASE("it is sent again only if it is known not to exist and the caller wants that") {
  Desk desk;
  desk.plan_silence();
  for (int i = 0; i < 100; ++i) {
    desk.venue.plan([](const ScriptedCarrier::Carried& request) {
      return request.line.starts_with("POST") ? answered(200, kMine) : answered(404, kNotFound);
    });
  }
  const Result<Accepted> result = desk.submit(10min, {.resubmit_if_absent = true});
  REQUIRE(std::holds_alternative<Accepted>(result));
  const auto carried = desk.venue.carried();
  CHECK(desk.sent("POST") == 2);
  CHECK(carried.back().line == carried.front().line);
  CHECK(carried.back().headers == carried.front().headers);
  CHECK(carried.back().body == carried.front().body);
  CHECK(desk.journal.ends.size() == 1);
}

TEST_CASE("an order in doubt that is submitted once more is looked up, not sent") {
  Desk desk;
  desk.plan_silence();
  desk.plan_many(5, 404, kNotFound);
  in_doubt(desk.submit(3s));
  desk.plan_many(3, 404, kNotFound);
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(10s)));
  CHECK(desk.sent("POST") == 1);
  // Now it is known, and the venue's word counts.
  desk.plan(422, R"({"code":40010001,"message":"qty must be > 0"})");
  CHECK(std::holds_alternative<Refused>(desk.submit(10s)));
  CHECK(desk.sent("POST") == 2);
}

TEST_CASE("an order in doubt that is submitted once more is sent when it is known not to exist") {
  Desk desk;
  desk.plan_silence();
  in_doubt(desk.submit(1s));
  for (int i = 0; i < 100; ++i) {
    desk.venue.plan([](const ScriptedCarrier::Carried& request) {
      return request.line.starts_with("POST") ? answered(200, kMine) : answered(404, kNotFound);
    });
  }
  CHECK(std::holds_alternative<Accepted>(desk.submit(120s)));
  CHECK(desk.sent("POST") == 2);
  CHECK(desk.clock.since_start() >= 60s);
}

TEST_CASE(
    "while a call has an order under way, another with its id sends nothing, and ends nothing") {
  Desk desk;
  desk.venue.plan([&desk](const ScriptedCarrier::Carried&) {
    desk.plan_many(100, 404, kNotFound);
    // Long enough for absence to be proven, were this order not under way.
    CHECK(in_doubt(desk.submit(120s)).client_order_id == "mine-1");
    CHECK(in_doubt(desk.client.resolve("mine-1", desk.clock.now() + 120s)).fault.cause ==
          Cause::none);
    CHECK(
        std::holds_alternative<InDoubt>(desk.client.recover(desk.clock.now() + 120s).at(0).result));
    CHECK(desk.journal.ends.empty());
    return answered(403, R"({"code":40310000,"message":"insufficient buying power"})");
  });
  desk.plan_many(100, 404, kNotFound);
  CHECK(std::holds_alternative<Refused>(desk.submit(10s)));
  CHECK((desk.journal.ends == std::vector{std::pair(std::string("mine-1"), Ended::refused)}));
  CHECK(desk.sent("POST") == 1);
}

TEST_CASE("what another call sees of an order under way is accepted for both") {
  Desk desk;
  desk.venue.plan([&desk](const ScriptedCarrier::Carried&) {
    desk.plan(200, kMine);
    CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
    desk.plan(200, kMine);
    return unanswered(Fate::in_doubt, Phase::read, Cause::peer_closed);
  });
  CHECK(std::holds_alternative<Accepted>(desk.submit(10s)));
  CHECK(desk.journal.open().empty());
  CHECK(desk.sent("POST") == 1);
}

TEST_CASE("an order in doubt that is found by a call that came beside it is in doubt no more") {
  Desk desk;
  bool is_found = false;
  desk.venue.plan([](const ScriptedCarrier::Carried&) {
    return unanswered(Fate::in_doubt, Phase::read, Cause::peer_closed);
  });
  // The first call's look-up: meanwhile it is submitted again, and that call is the one to find it.
  desk.venue.plan([&](const ScriptedCarrier::Carried&) {
    desk.plan(200, kMine);
    is_found = std::holds_alternative<Accepted>(desk.submit(1s));
    return answered(404, kNotFound);
  });
  in_doubt(desk.submit(50ms));
  CHECK(is_found);
  // It may be looked up once more, and is there.
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  CHECK(desk.sent("POST") == 1);
  CHECK(desk.journal.open().empty());
}

TEST_CASE("the time in which it may be executed begins once, with its last request") {
  Desk desk;
  desk.plan_silence();
  in_doubt(desk.submit(1s));
  desk.clock.advance(60s);
  desk.plan(404, kNotFound);
  CHECK(std::get<NotSent>(desk.client.resolve("mine-1", desk.clock.now() + 1s)).absent);
  CHECK(desk.journal.ends.size() == 1);
}

TEST_CASE("that the venue had its id is not forgotten: it is never known not to exist") {
  Desk desk;
  desk.plan(422, kTaken);
  desk.plan_many(500, 404, kNotFound);
  in_doubt(desk.submit(10s));
  in_doubt(desk.client.resolve("mine-1", desk.clock.now() + 5min));
  in_doubt(desk.submit(5min, {.resubmit_if_absent = true}));
  in_doubt(desk.client.recover(desk.clock.now() + 5min).at(0).result);
  CHECK(desk.sent("POST") == 1);
  CHECK(desk.journal.ends.empty());
}

TEST_CASE("an order that the journal has open from before is looked up first") {
  MemoryJournal journal;
  journal.intents = {{.client_order_id = "mine-1"}};
  LeapingClock clock;
  auto carrier = std::make_unique<ScriptedCarrier>();
  ScriptedCarrier& venue = *carrier;
  const TradingClient client(std::move(carrier), kKeys, kSettings, {.journal = &journal}, &clock);
  venue.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(client.submit(Desk().order(), clock.now() + 10s)));
  REQUIRE(venue.carried().size() == 1);
  CHECK(venue.carried()[0].line.starts_with("GET /v2/orders:by_client_order_id"));
  CHECK((journal.ends == std::vector{std::pair(std::string("mine-1"), Ended::accepted)}));
}

TEST_CASE("a journal that is full keeps no order in doubt from being looked up") {
  Desk desk;
  desk.plan_silence();
  in_doubt(desk.submit(1s));
  desk.journal.is_full = true;
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  CHECK(desk.sent("POST") == 1);
}

TEST_CASE("another account's order is kept in no journal, and in doubt for nobody else") {
  Desk desk;
  const Credentials other{.key_id = "PKOTHER", .secret_key = "0th3r"};
  desk.plan_silence();
  in_doubt(desk.submit(1s, {.credentials = &other}));
  CHECK(desk.journal.open().empty());
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  CHECK(desk.sent("POST") == 2);
}

TEST_CASE("an id that is taken by this very order is no refusal") {
  for (const char* const code : {"42210000", "40010001"}) {
    Desk desk;
    desk.plan(
        422, std::string(R"({"code":)") + code + R"(,"message":"client_order_id must be unique"})");
    desk.plan(404, kNotFound);  // the venue shows it late
    desk.plan(200, kMine);
    const Result<Accepted> result = desk.submit(10s);
    REQUIRE(std::holds_alternative<Accepted>(result));
    CHECK(desk.sent("POST") == 1);
  }
}

TEST_CASE("an id that is taken by another order is refused, as the venue said") {
  const struct {
    std::string from;
    std::string to;
  } changes[] = {{"\"qty\":\"2\"", "\"qty\":\"3\""},
                 {"AAPL", "TSLA"},
                 {"\"side\":\"buy\"", "\"side\":\"sell\""},
                 {"\"type\":\"limit\"", "\"type\":\"stop_limit\""},
                 {"\"limit_price\":\"150\"", "\"limit_price\":\"150.01\""}};
  for (const auto& change : changes) {
    CAPTURE(change.to);
    std::string other = kMine;
    other.replace(other.find(change.from), change.from.size(), change.to);
    Desk desk;
    desk.plan(422, kTaken);
    desk.plan(200, other);
    const Result<Accepted> result = desk.submit(10s);
    REQUIRE(std::holds_alternative<Refused>(result));
    CHECK(std::get<Refused>(result).message == "client_order_id must be unique");
    CHECK(desk.venue.carried().size() == 2);
    // In doubt, another's order proves nothing, and asking again would not.
    Desk doubtful;
    doubtful.plan_silence();
    doubtful.plan(200, other);
    const InDoubt unknown = in_doubt(doubtful.submit(10s));
    CHECK(unknown.fault.detail.starts_with("the order with this client_order_id: "));
    CHECK(doubtful.venue.carried().size() == 2);
  }
}

TEST_CASE("the order to be replaced is not its replacement, nor is one with other terms") {
  const auto replacement_with = [](std::string from, std::string to) {
    std::string text = kReplacing;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& other :
       {replacement_with("\"old\"", "null"), replacement_with("\"old\"", "\"older\""),
        replacement_with("\"qty\":\"2\"", "\"qty\":\"1\"")}) {
    CAPTURE(other);
    Desk taken;
    taken.plan(422, kTaken);
    taken.plan(200, other);
    CHECK(std::holds_alternative<Refused>(taken.replace(10s)));
    Desk silent;
    silent.plan_silence();
    silent.plan(200, other);
    in_doubt(silent.replace(10s));
  }
  Desk submitting;
  submitting.plan_silence();
  submitting.plan(200, kReplacing);
  CHECK(in_doubt(submitting.submit(10s)).fault.detail.find("replaces") != std::string::npos);
}

TEST_CASE("an order for so much money is not one for so many, nor for another time or other legs") {
  Desk desk;
  NewOrder order{.symbol = "AAPL", .notional = Decimal::of(500), .client_order_id = "mine-1"};
  const auto submit = [&](const char* seen) {
    desk.plan(422, kTaken);
    desk.plan(200, seen);
    return desk.client.submit(order, desk.clock.now() + 10s);
  };
  CHECK(std::holds_alternative<Refused>(
      submit(R"({"id":"1","client_order_id":"mine-1","status":"new","qty":"7","notional":null})")));
  CHECK(std::holds_alternative<Refused>(
      submit(R"({"id":"1","client_order_id":"mine-1","status":"new","notional":"500",)"
             R"("time_in_force":"gtc"})")));
  CHECK(std::holds_alternative<Accepted>(
      submit(R"({"id":"1","client_order_id":"mine-1","status":"new","notional":"500",)"
             R"("time_in_force":"day"})")));
  order = {.qty = Decimal::of(1),
           .client_order_id = "mine-1",
           .order_class = OrderClass::mleg,
           .legs = {{.symbol = "AAPL250117C00150000"}, {.symbol = "AAPL250117C00160000"}}};
  const auto with_legs = [](const std::string& second) {
    return R"({"id":"1","client_order_id":"mine-1","status":"new","qty":"1",)"
           R"("order_class":"mleg","legs":[)"
           R"({"id":"2","status":"new","symbol":"AAPL250117C00150000"},)"
           R"({"id":"3","status":"new","symbol":")" +
           second + "\"}]}";
  };
  CHECK(std::holds_alternative<Accepted>(submit(with_legs("AAPL250117C00160000").c_str())));
  CHECK(std::holds_alternative<Refused>(submit(with_legs("TSLA250117C00160000").c_str())));
}

TEST_CASE("an asset that is named by its id is the one that it is the id of") {
  Desk desk;
  desk.plan(422, kTaken);
  desk.plan(200, R"({"id":"1","client_order_id":"mine-1","status":"new","symbol":"AAPL","qty":"2",)"
                 R"("asset_id":"b0b6dd9d-8b9b-48a9-ba46-b9d54906e415"})");
  NewOrder order = desk.order();
  order.symbol = "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415";
  CHECK(std::holds_alternative<Accepted>(desk.client.submit(order, desk.clock.now() + 10s)));
}

TEST_CASE("a look-up is urgent, whichever lane the order is in, and has its share of the time") {
  Desk desk;
  desk.plan_silence();
  desk.plan(200, kMine);
  const auto start = desk.clock.now();
  CHECK(std::holds_alternative<Accepted>(desk.submit(400ms, {.lane = Lane::normal})));
  const auto carried = desk.venue.carried();
  CHECK(carried[0].deadline.at() == start + 300ms);
  CHECK(carried[0].lane == Lane::normal);
  CHECK(carried[1].deadline.at() == start + 400ms);
  CHECK(carried[1].lane == Lane::urgent);
}

TEST_CASE("another account's order is kept in no journal") {
  Desk desk;
  const Credentials other{.key_id = "PKOTHER", .secret_key = "0th3r"};
  desk.plan_silence();
  in_doubt(desk.submit(1s, {.credentials = &other}));
  CHECK(desk.journal.open().empty());
}

TEST_CASE("an order is the same however its symbol and its numbers are written") {
  Desk desk;
  desk.plan_silence();
  desk.plan(200,
            R"({"id":"1","client_order_id":"c","status":"filled","symbol":"BTC/USD","qty":"2.00",)"
            R"("side":"buy","type":"limit","limit_price":150.0,"notional":null})");
  NewOrder order = desk.order();
  order.symbol = "BTCUSD";
  order.client_order_id = "c";
  CHECK(std::holds_alternative<Accepted>(desk.client.submit(order, desk.clock.now() + 5s)));
}

TEST_CASE("an id that is taken, and not found for ever, stays in doubt: it does exist") {
  Desk desk;
  desk.plan(422, kTaken);
  desk.plan_many(300, 404, kNotFound);
  const Result<Accepted> result = desk.submit(5min, {.resubmit_if_absent = true});
  CHECK(in_doubt(result).client_order_id == "mine-1");
  CHECK(in_doubt(result).status == 422);
  CHECK(desk.sent("POST") == 1);
}

TEST_CASE("what is known for certain is not looked up") {
  Desk desk;
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.submit(10s)));
  desk.plan(422, R"({"code":40010001,"message":"qty must be > 0"})");
  CHECK(std::holds_alternative<Refused>(desk.submit(10s)));
  desk.venue.plan(Fate::not_sent, Phase::connect, Cause::connect_failed);
  CHECK(std::holds_alternative<NotSent>(desk.submit(10s)));
  CHECK(desk.sent("GET") == 0);
  CHECK((desk.journal.ends == std::vector{std::pair(std::string("mine-1"), Ended::accepted),
                                          std::pair(std::string("mine-1"), Ended::refused),
                                          std::pair(std::string("mine-1"), Ended::not_sent)}));
}

TEST_CASE("a stop and a closed source end the asking, and it stays in doubt") {
  Desk desk;
  desk.plan_silence();
  desk.venue.plan(Fate::not_sent, Phase::wait, Cause::closed);
  in_doubt(desk.submit(120s));
  CHECK(desk.venue.carried().size() == 2);

  Desk stopped;
  std::stop_source stop;
  stopped.plan_silence();
  stopped.venue.plan([&](const ScriptedCarrier::Carried&) {
    stop.request_stop();
    return answered(404, kNotFound);
  });
  in_doubt(stopped.submit(120s, {.stop = stop.get_token()}));
  CHECK(stopped.venue.carried().size() == 2);
  CHECK(stopped.clock.since_start() == 1s);
}

TEST_CASE("an intent is in the journal before its first byte is sent") {
  Desk desk;
  desk.venue.plan([&](const ScriptedCarrier::Carried& request) {
    CHECK((desk.journal.open() ==
           std::vector<Intent>{{.client_order_id = "mine-1", .body = request.body}}));
    return answered(200, kMine);
  });
  CHECK(std::holds_alternative<Accepted>(desk.submit(10s)));
  CHECK(desk.journal.open().empty());
  desk.venue.plan([&](const ScriptedCarrier::Carried&) {
    CHECK(desk.journal.open()[0].replaces == "old");
    return answered(200, kReplacing);
  });
  CHECK(std::holds_alternative<Accepted>(desk.replace(10s)));
}

TEST_CASE("what the journal does not take is not sent") {
  Desk desk;
  desk.journal.is_full = true;
  const Result<Accepted> result = desk.submit(10s);
  REQUIRE(std::holds_alternative<NotSent>(result));
  CHECK(std::get<NotSent>(result).fault.cause == Cause::out_of_resources);
  CHECK(std::get<NotSent>(result).fault.detail == "the journal");
  CHECK(desk.venue.carried().empty());
}

TEST_CASE("recovering asks after each open intent, whichever is due, and ends those it knows") {
  Desk desk;
  desk.journal.intents = {
      {.client_order_id = "a"}, {.client_order_id = "b"}, {.client_order_id = "c"}};
  // "a" is found at once, "b" never, and of "c" nothing is heard.
  for (int i = 0; i < 300; ++i) {
    desk.venue.plan([](const ScriptedCarrier::Carried& request) {
      if (request.line.find("=a ") != std::string::npos) {
        return answered(200, R"({"id":"1","client_order_id":"a","status":"filled"})");
      }
      return request.line.find("=b ") != std::string::npos ? answered(404, kNotFound)
                                                           : answered(503);
    });
  }
  const std::vector<Recovered> recovered = desk.client.recover(desk.clock.now() + 2min);
  REQUIRE(recovered.size() == 3);
  CHECK(recovered[0].intent.client_order_id == "a");
  CHECK((std::get<Accepted>(recovered[0].result).order.status == OrderStatus::filled));
  CHECK(std::get<NotSent>(recovered[1].result).absent);
  CHECK(in_doubt(recovered[2].result).client_order_id == "c");
  CHECK((desk.journal.ends == std::vector{std::pair(std::string("a"), Ended::accepted),
                                          std::pair(std::string("b"), Ended::not_sent)}));
  CHECK(desk.journal.open().size() == 1);
  CHECK(desk.sent("POST") == 0);
}

TEST_CASE("without a journal there is nothing to recover") {
  ScriptedCarrier* venue = nullptr;
  auto carrier = std::make_unique<ScriptedCarrier>();
  venue = carrier.get();
  const TradingClient client(std::move(carrier), kKeys);
  CHECK(client.recover(Deadline::never()).empty());
  CHECK(venue->carried().empty());
}

TEST_CASE("an order that is still in doubt can be asked after later") {
  Desk desk;
  desk.plan(404, kNotFound);
  desk.plan(200, kMine);
  CHECK(std::holds_alternative<Accepted>(desk.client.resolve("mine-1", desk.clock.now() + 1s)));
  CHECK(desk.journal.ends.size() == 1);
  desk.plan_many(100, 404, kNotFound);
  CHECK(std::get<NotSent>(desk.client.resolve("mine-1", desk.clock.now() + 2min)).absent);
  const Result<Accepted> nothing = desk.client.resolve("", desk.clock.now() + 2min);
  CHECK(std::get<NotSent>(nothing).fault.cause == Cause::invalid_request);
}

TEST_CASE("a cancel in doubt is sent again until there is an answer") {
  Desk desk;
  const auto cancel = [&](std::chrono::milliseconds within = 30s) {
    return desk.client.cancel("7b08", desk.clock.now() + within);
  };
  desk.plan_silence();
  desk.plan(504);
  desk.plan(429);
  desk.plan(204);
  CHECK(std::holds_alternative<CancelRequested>(cancel()));
  CHECK(desk.sent("DELETE /v2/orders/7b08 ") == 4);

  // The first one was heard.
  for (const char* const status : {"canceled", "pending_cancel"}) {
    desk.plan_silence();
    desk.plan(422, R"({"code":42210000,"message":"order is not cancelable"})");
    desk.plan(200, std::string(R"({"id":"7b08","status":")") + status + "\"}");
    CHECK(std::holds_alternative<CancelRequested>(cancel()));
  }
  // It was too late.
  desk.plan_silence();
  desk.plan(422, R"({"code":42210000,"message":"order is already in \"filled\" state"})");
  desk.plan(200, R"({"id":"7b08","status":"filled"})");
  CHECK(std::get<Refused>(cancel()).status == 422);
  desk.plan(503);
  desk.plan(404, kNotFound);
  CHECK(std::get<Refused>(cancel()).status == 404);
  // A gateway's 404 says nothing, nor does a 422 if the order cannot be looked at.
  desk.plan(503);
  desk.plan(404, "<html>");
  desk.plan(422, R"({"code":42210000,"message":"order is not cancelable"})");
  desk.plan(503);
  desk.plan(204);
  CHECK(std::holds_alternative<CancelRequested>(cancel()));
  // That a later one is not sent says nothing of the first.
  desk.plan_silence();
  desk.venue.plan(Fate::not_sent, Phase::wait, Cause::closed);
  CHECK(std::get<InDoubt>(cancel()).fault.cause == Cause::deadline);
  desk.plan_many(100, 503);
  CHECK(std::get<InDoubt>(cancel()).status == 503);
}

TEST_CASE("cancelling all is not done twice: what came since is not meant") {
  Desk desk;
  desk.plan(503);
  const auto result = desk.client.cancel_all(desk.clock.now() + 30s);
  CHECK(std::holds_alternative<InDoubt>(result));
  CHECK(desk.venue.carried().size() == 1);
}

TEST_CASE("settings out of range are refused, by name") {
  const auto refusal = [](const TradingSettings& settings) {
    return refused_setting(
        [&] { const TradingClient client(std::make_unique<ScriptedCarrier>(), kKeys, settings); });
  };
  CHECK(refusal({.request_timeout = 0ms}).what() ==
        std::string(R"(trading.request_timeout: "0ms": expected 1ms to 24h)"));
  CHECK(refusal({.lookup_interval = -1ms}).field() == "trading.lookup_interval");
  CHECK(refusal({.lookup_interval_max = 25h}).field() == "trading.lookup_interval_max");
  CHECK(refusal({.execution_window = 0ms}).field() == "trading.execution_window");
}
