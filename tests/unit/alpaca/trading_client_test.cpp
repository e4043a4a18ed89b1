// What TradingClient asks, and what it makes of the answers: no network, no thread, no clock.
#include "leasehold/alpaca/trading_client.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>
#include <array>
#include <regex>
#include <set>
#include <string>

#include "leasehold/settings_error.hpp"
#include "support/refused_setting.hpp"
#include "support/scripted_carrier.hpp"
#include "support/soon.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using leasehold::test::ScriptedCarrier;
using leasehold::test::soon;

namespace {

const Credentials kKeys{.key_id = "PKTENANT", .secret_key = "s3cr3t"};
constexpr std::string_view kOrder = R"({"id":"7b08df51","client_order_id":"mine-1","qty":"2",)"
                                    R"("filled_qty":"0","limit_price":"150","status":"accepted",)"
                                    R"("symbol":"AAPL","side":"buy","type":"limit"})";

NewOrder limit_order(std::string client_order_id = "mine-1") {
  return {.symbol = "AAPL",
          .qty = Decimal::of(2),
          .type = OrderType::limit,
          .limit_price = Decimal::of(150),
          .client_order_id = std::move(client_order_id)};
}

struct Desk {
  Desk() : Desk(std::make_unique<ScriptedCarrier>()) {}

  const ScriptedCarrier::Carried& only() {
    carried = venue.carried();
    REQUIRE(carried.size() == 1);
    return carried.front();
  }
  // The last one that was to make an order.
  std::string last_body() const {
    std::string body;
    for (const auto& each : venue.carried()) body = each.body.empty() ? body : each.body;
    return body;
  }

  ScriptedCarrier& venue;
  TradingClient client;
  std::vector<ScriptedCarrier::Carried> carried;

 private:
  explicit Desk(std::unique_ptr<ScriptedCarrier> carrier)
      : venue(*carrier), client(std::move(carrier), kKeys) {}
};

template <class Value>
const Fault& not_sent(const Result<Value>& result) {
  REQUIRE(std::holds_alternative<NotSent>(result));
  return std::get<NotSent>(result).fault;
}

}  // namespace

TEST_CASE("an order is one POST with the tenant's keys and the order's fields") {
  Desk desk;
  desk.venue.plan(200, std::string(kOrder));
  const auto by = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  const Result<Accepted> result = desk.client.submit(limit_order(), by);
  REQUIRE(std::holds_alternative<Accepted>(result));
  const Order& order = std::get<Accepted>(result).order;
  CHECK(order.id == "7b08df51");
  CHECK(order.client_order_id == "mine-1");
  CHECK((order.status == OrderStatus::accepted));
  const auto& asked = desk.only();
  CHECK(asked.line == "POST /v2/orders HTTP/1.1");
  CHECK(asked.headers ==
        "APCA-API-KEY-ID: PKTENANT\r\nAPCA-API-SECRET-KEY: s3cr3t\r\n"
        "Content-Type: application/json\r\n");
  CHECK(asked.body == R"({"symbol":"AAPL","qty":"2","side":"buy","type":"limit",)"
                      R"("time_in_force":"day","limit_price":"150","client_order_id":"mine-1"})");
  CHECK(asked.deadline.at() <= by);
  CHECK(asked.lane == Lane::normal);
}

TEST_CASE(
    "what an answer means: only 4xx other than 408 is a refusal, all that is unclear in doubt") {
  enum Kind { accepted, refused, in_doubt };
  const struct {
    int status;
    std::string_view body;
    Kind kind;
  } rows[] = {
      {200, kOrder, accepted},
      {201, kOrder, accepted},
      {200, "", in_doubt},
      {200, "<html>", in_doubt},
      {200, "{}", in_doubt},
      {200, kOrder.substr(0, 60), in_doubt},
      {200, R"({"id":"1","client_order_id":"another","status":"new"})", in_doubt},
      {200, R"({"id":"1","status":"new"})", in_doubt},
      {204, "", in_doubt},
      {301, "", in_doubt},
      {304, "", in_doubt},
      {307, "", in_doubt},
      {400, R"({"code":40010000,"message":"request body format is invalid"})", refused},
      {401, R"({"message":"unauthorized."})", refused},
      {403, R"({"code":40310000,"message":"insufficient buying power"})", refused},
      {404, "", refused},
      {405, "<html>no", refused},
      {408, "", in_doubt},
      {409, "", refused},
      {422, R"({"code":40010001,"message":"qty must be > 0"})", refused},
      {429, R"({"code":42910000,"message":"rate limit exceeded"})", refused},
      {500, R"({"code":50010000,"message":"internal server error occurred"})", in_doubt},
      {502, "<html>Bad Gateway</html>", in_doubt},
      {503, "", in_doubt},
      {504, "<html>Gateway Timeout</html>", in_doubt},
      {599, "", in_doubt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    // Nobody answers what is asked after it.
    Desk placing;
    placing.venue.plan(row.status, std::string(row.body));
    const Result<Accepted> submitted = placing.client.submit(limit_order(), soon());
    Desk replacing;
    replacing.venue.plan(row.status, std::string(row.body));
    const Result<Accepted> replaced = replacing.client.replace(
        "old", {.qty = Decimal::of(2), .client_order_id = "mine-1"}, soon());
    for (const Result<Accepted>* result : {&submitted, &replaced}) {
      CHECK(std::holds_alternative<Accepted>(*result) == (row.kind == accepted));
      if (row.kind == refused) {
        REQUIRE(std::holds_alternative<Refused>(*result));
        CHECK(std::get<Refused>(*result).status == row.status);
      }
      if (row.kind == in_doubt) {
        REQUIRE(std::holds_alternative<InDoubt>(*result));
        CHECK(std::get<InDoubt>(*result).status == row.status);
        CHECK(std::get<InDoubt>(*result).client_order_id == "mine-1");
        CHECK(std::get<InDoubt>(*result).fault.cause == Cause::none);
      }
    }
  }
}

TEST_CASE("without an answer the fate of the request is the order's") {
  Desk desk;
  desk.venue.plan(Fate::not_sent, Phase::wait, Cause::deadline);
  CHECK(not_sent(desk.client.submit(limit_order(), soon())).cause == Cause::deadline);
  desk.venue.plan(Fate::in_doubt, Phase::read, Cause::peer_closed);
  const Result<Accepted> result = desk.client.submit(limit_order(), soon());
  REQUIRE(std::holds_alternative<InDoubt>(result));
  const InDoubt& unknown = std::get<InDoubt>(result);
  CHECK(unknown.client_order_id == "mine-1");
  CHECK(unknown.status == 0);
  CHECK(unknown.fault.phase == Phase::read);
  CHECK(unknown.fault.cause == Cause::peer_closed);
}

TEST_CASE("a refusal keeps the venue's code, words and whatever else it said") {
  Desk desk;
  desk.venue.plan(403, R"({"buying_power":"399514.64","code":40310000,)"
                       R"("cost_basis":"900000003","message":"insufficient buying power"})");
  const Result<Accepted> result = desk.client.submit(limit_order(), soon());
  REQUIRE(std::holds_alternative<Refused>(result));
  const auto& no = std::get<Refused>(result);
  CHECK(no.status == 403);
  CHECK(no.code == 40310000);
  CHECK(no.message == "insufficient buying power");
  CHECK((no.extras ==
         std::vector<Extra>{{"buying_power", "\"399514.64\""}, {"cost_basis", "\"900000003\""}}));
  CHECK(no.sentence() == "refused: 403 40310000: \"insufficient buying power\"");
}

TEST_CASE("each result says itself in one line, whatever the venue's words") {
  CHECK(Refused{.status = 404}.sentence() == "refused: 404");
  CHECK(Refused{.status = 422, .message = "no\r\n\"x\""}.sentence() ==
        R"(refused: 422: "no\x0d\x0a\"x\"")");
  CHECK(NotSent{{.phase = Phase::wait, .cause = Cause::deadline}}.sentence() ==
        "not sent: wait: the deadline passed");
  CHECK(InDoubt{.status = 503}.sentence() == "in doubt: answered with status 503");
  CHECK(InDoubt{}.sentence() == "in doubt: nothing is known of it yet");
  CHECK(InDoubt{.fault = {.phase = Phase::read, .cause = Cause::peer_closed}}.sentence() ==
        "in doubt: read: the server ended the connection");
}

TEST_CASE("an order that is not as the venue wants it is not sent, and the field is named") {
  Desk desk;
  NewOrder order = limit_order();
  order.limit_price = Decimal("290.123");
  const Fault fault = not_sent(desk.client.submit(order, soon()));
  CHECK(fault.cause == Cause::invalid_request);
  CHECK(fault.detail == R"(order.limit_price: "290.123": expected at most 2 decimals from 1 on)");
  CHECK(not_sent(desk.client.replace("id", {}, soon())).detail.starts_with("replacement.qty: "));
  CHECK(not_sent(desk.client.orders({.limit = 0}, soon())).detail ==
        R"(query.limit: "0": expected 1 to 500)");
  CHECK(desk.venue.carried().empty());
}

TEST_CASE("a name that would mean another resource is not sent: all orders are not one order") {
  Desk desk;
  for (const char* id : {"", ".", ".."}) {
    CAPTURE(id);
    CHECK(not_sent(desk.client.cancel(id, soon())).detail.starts_with("order_id: \""));
    CHECK(not_sent(desk.client.order(id, soon())).cause == Cause::invalid_request);
    CHECK(not_sent(desk.client.replace(id, {.qty = Decimal::of(1)}, soon())).cause ==
          Cause::invalid_request);
    CHECK(not_sent(desk.client.position(id, soon())).detail.starts_with("symbol: \""));
  }
  CHECK(not_sent(desk.client.order_by_client_id("", soon())).detail ==
        R"(client_order_id: "": expected one of the venue's)");
  CHECK(desk.venue.carried().empty());
}

TEST_CASE("an order without a client_order_id is given one that no other has") {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  Desk desk;
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    desk.venue.plan(Fate::in_doubt, Phase::read, Cause::deadline);
    const bool replaces = i % 2 != 0;
    const Result<Accepted> result =
        replaces ? desk.client.replace("old", {.qty = Decimal::of(1)}, soon())
                 : desk.client.submit(limit_order({}), soon());
    REQUIRE(std::holds_alternative<InDoubt>(result));
    const std::string& id = std::get<InDoubt>(result).client_order_id;
    CHECK(std::regex_match(id, uuid));
    CHECK(ids.insert(id).second);
    CHECK(desk.last_body().find("\"client_order_id\":\"" + id + "\"") != std::string::npos);
  }
}

TEST_CASE("replacing is a PATCH of the order, and accepted is the new one") {
  Desk desk;
  desk.venue.plan(
      200, R"({"id":"new","client_order_id":"mine-2","status":"accepted","replaces":"a b/c"})");
  const Result<Accepted> result = desk.client.replace(
      "a b/c", {.limit_price = Decimal("1.5"), .client_order_id = "mine-2"}, soon());
  REQUIRE(std::holds_alternative<Accepted>(result));
  CHECK(std::get<Accepted>(result).order.replaces == "a b/c");
  const auto& asked = desk.only();
  CHECK(asked.line == "PATCH /v2/orders/a%20b%2Fc HTTP/1.1");
  CHECK(asked.headers.ends_with("Content-Type: application/json\r\n"));
  CHECK(asked.body == R"({"limit_price":"1.5","client_order_id":"mine-2"})");
}

TEST_CASE("cancels go before all else, and say that they were requested") {
  Desk desk;
  desk.venue.plan(204);
  CHECK(std::holds_alternative<CancelRequested>(desk.client.cancel("7b08df51", soon())));
  desk.venue.plan(422, R"({"code":42210000,"message":"order is already in \"filled\" state"})");
  CHECK(std::holds_alternative<Refused>(desk.client.cancel("7b08df51", soon())));
  desk.venue.plan(207, R"([{"id":"1","status":200,"body":{"id":"1","status":"pending_cancel"}},)"
                       R"({"id":"2","status":500}])");
  const auto all = desk.client.cancel_all(soon());
  REQUIRE(std::holds_alternative<std::vector<Cancelled>>(all));
  const auto& each = std::get<std::vector<Cancelled>>(all);
  REQUIRE(each.size() == 2);
  CHECK(each[0].status == 200);
  CHECK((each[0].order->status == OrderStatus::pending_cancel));
  CHECK(each[1].status == 500);
  const auto carried = desk.venue.carried();
  CHECK(carried[0].line == "DELETE /v2/orders/7b08df51 HTTP/1.1");
  CHECK(carried[0].body.empty());
  CHECK(carried[2].line == "DELETE /v2/orders HTTP/1.1");
  for (const auto& asked : carried) CHECK(asked.lane == Lane::urgent);
  desk.client.cancel("7b08df51", soon(), {.lane = Lane::normal});
  CHECK(desk.venue.carried().back().lane == Lane::normal);
}

TEST_CASE("orders are asked for by either of their ids, or by a query") {
  Desk desk;
  desk.venue.plan(200, std::string(kOrder));
  CHECK(std::get<Order>(desk.client.order("7b08df51", soon())).client_order_id == "mine-1");
  desk.venue.plan(200, std::string(kOrder));
  CHECK(std::get<Order>(desk.client.order_by_client_id("mine-1", soon())).id == "7b08df51");
  // Another's order is not the answer.
  desk.venue.plan(200, std::string(kOrder));
  CHECK(std::holds_alternative<InDoubt>(desk.client.order_by_client_id("a&b=c#d é", soon())));
  desk.venue.plan(404, R"({"code":40410000,"message":"order not found for x"})");
  CHECK(std::get<Refused>(desk.client.order_by_client_id("x", soon())).code == 40410000);
  desk.venue.plan(200, "[" + std::string(kOrder) + "]");
  const Result<std::vector<Order>> page =
      desk.client.orders({.status = OrdersWith::all,
                          .limit = 500,
                          .direction = Direction::oldest_first,
                          .side = Side::sell,
                          .symbols = {"AAPL", "BTC/USD"},
                          .asset_class = "crypto",
                          .nested = true,
                          .after = Time(std::chrono::nanoseconds(1'702'420'284'577'215'743)),
                          .until = Time(std::chrono::nanoseconds(-1))},
                         soon());
  CHECK(std::get<std::vector<Order>>(page).size() == 1);
  desk.venue.plan(200, "[]");
  CHECK(std::get<std::vector<Order>>(desk.client.orders({.before_order_id = "last"}, soon()))
            .empty());
  const std::array<const char*, 6> lines = {
      "GET /v2/orders/7b08df51?nested=true HTTP/1.1",
      "GET /v2/orders:by_client_order_id?client_order_id=mine-1 HTTP/1.1",
      "GET /v2/orders:by_client_order_id?client_order_id=a%26b%3Dc%23d%20%C3%A9 HTTP/1.1",
      "GET /v2/orders:by_client_order_id?client_order_id=x HTTP/1.1",
      "GET /v2/orders?status=all&limit=500&direction=asc&side=sell&symbols=AAPL%2CBTC%2FUSD"
      "&asset_class=crypto&nested=true&after=2023-12-12T22%3A31%3A24.577215743Z"
      "&until=1969-12-31T23%3A59%3A59.999999999Z HTTP/1.1",
      "GET /v2/orders?status=open&limit=50&direction=desc&before_order_id=last HTTP/1.1"};
  const auto carried = desk.venue.carried();
  REQUIRE(carried.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(carried[i].line == lines[i]);
    CHECK(carried[i].lane == Lane::normal);
    CHECK(carried[i].headers.find("Content-Type") == std::string::npos);
  }
}

TEST_CASE("an id in a query goes neither with the other nor with a time") {
  const Time time{};
  CHECK(problem_of(OrderQuery{}).empty());
  CHECK(problem_of({.after = time, .until = time}).empty());
  CHECK(problem_of({.after_order_id = "a"}).empty());
  CHECK(problem_of({.before_order_id = "b"}).empty());
  CHECK(problem_of({.after_order_id = "a", .before_order_id = "b"}) ==
        R"(query.before_order_id: "b": expected none beside query.after_order_id, query.after or )"
        ".until");
  CHECK(problem_of({.after = time, .before_order_id = "b"}).starts_with("query.before_order_id"));
  CHECK(problem_of({.until = time, .after_order_id = "a"}).starts_with("query.after_order_id"));
  CHECK(problem_of({.limit = 501}).starts_with("query.limit"));
  CHECK(problem_of({.symbols = {"A,B"}}).starts_with("query.symbols"));
  CHECK(problem_of({.symbols = {""}}).starts_with("query.symbols"));
  CHECK(problem_of({.status = static_cast<OrdersWith>(9)}).starts_with("query.status: \"9\""));
}

TEST_CASE("the account, its positions and the venue's clock are read") {
  Desk desk;
  desk.venue.plan(200, R"({"id":"acc","cash":"100000","last_equity":"122011.09751111286868"})");
  CHECK(std::get<Account>(desk.client.account(soon())).last_equity ==
        Decimal("122011.09751111286868"));
  desk.venue.plan(200, R"([{"symbol":"AAPL","qty":"5"}])");
  CHECK(std::get<std::vector<Position>>(desk.client.positions(soon()))[0].qty == Decimal::of(5));
  desk.venue.plan(200, R"({"symbol":"BTC/USD","qty":"0.5"})");
  CHECK(std::get<Position>(desk.client.position("BTC/USD", soon())).symbol == "BTC/USD");
  desk.venue.plan(404, R"({"code":40410000,"message":"position does not exist"})");
  CHECK(std::get<Refused>(desk.client.position("TSLA", soon())).status == 404);
  desk.venue.plan(200, R"({"timestamp":"2025-06-24T14:15:22-04:00","is_open":true,)"
                       R"("next_open":"2025-06-25T09:30:00-04:00",)"
                       R"("next_close":"2025-06-24T16:00:00-04:00"})");
  CHECK(std::get<MarketClock>(desk.client.clock(soon())).is_open);
  desk.venue.plan(200, "[]");
  CHECK(std::get<InDoubt>(desk.client.clock(soon())).status == 200);
  const auto carried = desk.venue.carried();
  CHECK(carried[0].line == "GET /v2/account HTTP/1.1");
  CHECK(carried[1].line == "GET /v2/positions HTTP/1.1");
  CHECK(carried[2].line == "GET /v2/positions/BTC%2FUSD HTTP/1.1");
  CHECK(carried[4].line == "GET /v2/clock HTTP/1.1");
}

TEST_CASE("a call can be another tenant's, whose keys alone it carries") {
  Desk desk;
  const Credentials other{.key_id = "PKOTHER", .secret_key = "0th3r"};
  desk.client.submit(limit_order(), soon(), {.credentials = &other});
  desk.client.clock(soon(), {.credentials = &other});
  for (const auto& asked : desk.venue.carried()) {
    CHECK(asked.headers.starts_with("APCA-API-KEY-ID: PKOTHER\r\nAPCA-API-SECRET-KEY: 0th3r\r\n"));
    CHECK(asked.headers.find("s3cr3t") == std::string::npos);
  }
}

TEST_CASE("keys that cannot be sent are refused early, and shown nowhere") {
  for (const std::string& bad : {std::string(), std::string("s3cr3t\r\nX: y"), std::string("a b"),
                                 std::string(129, 'k'), std::string("s3cr3t\0", 7)}) {
    CAPTURE(bad);
    for (const bool is_secret : {false, true}) {
      Credentials keys = kKeys;
      (is_secret ? keys.secret_key : keys.key_id) = bad;
      const SettingsError error = refused_setting(
          [&] { const TradingClient client(std::make_unique<ScriptedCarrier>(), keys); });
      CHECK(error.field() == (is_secret ? "credentials.secret_key" : "credentials.key_id"));
      CHECK(error.value() == "***");
      Desk desk;
      const Fault fault = not_sent(desk.client.clock(soon(), {.credentials = &keys}));
      CHECK(fault.cause == Cause::invalid_request);
      CHECK(fault.detail ==
            "options." + error.field() + R"(: "***": expected 1 to 128 visible ASCII characters)");
      CHECK(desk.venue.carried().empty());
    }
  }
}

TEST_CASE("credentials come from the environment, as the venue's own tools read them") {
  // The process is this test's own.
  REQUIRE(::setenv("APCA_API_KEY_ID", "PKENV", 1) == 0);
  for (const char* const secret : {"", static_cast<const char*>(nullptr)}) {
    if (secret != nullptr) ::setenv("APCA_API_SECRET_KEY", secret, 1);
    if (secret == nullptr) ::unsetenv("APCA_API_SECRET_KEY");
    const SettingsError error = refused_setting([] { credentials_from_environment(); });
    CHECK(error.field() == "APCA_API_SECRET_KEY");
    CHECK(std::string(error.what()).find("PKENV") == std::string::npos);
  }
  ::setenv("APCA_API_SECRET_KEY", "fr0m-env", 1);
  const Credentials keys = credentials_from_environment();
  CHECK(keys.key_id == "PKENV");
  CHECK(keys.secret_key == "fr0m-env");
}
