// The exchange's endpoints, without a wire: paths, methods, the order of checks, what is written
// down.
#include "paper/routes.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace leasehold::paper;
using namespace leasehold::paper::detail;
using namespace std::chrono_literals;

namespace {

const std::string kOrder =
    R"({"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day",)"
    R"("client_order_id":"a b+c"})";

struct Counter {
  explicit Counter(std::chrono::microseconds latency = 0us, std::vector<PaperAccount> known = {})
      : accounts(std::move(known)), routes(desk, accounts, clock, latency) {}

  Reply ask(HttpMethod method, const std::string& target, std::string_view body = {},
            bool keep_alive = true) {
    return routes.answer({.method = method,
                          .target = target,
                          .body = body,
                          .keep_alive = keep_alive,
                          .headers = headers},
                         1, now);
  }
  std::string post(std::string_view body) {
    return ask(HttpMethod::post, "/v2/orders", body).bytes;
  }
  std::string get(const std::string& target) { return ask(HttpMethod::get, target).bytes; }

  ExchangeClock clock;
  const Accounts accounts;
  OrderDesk desk{[this] { return clock.at(std::chrono::steady_clock::now()); }, accounts.list()};
  Routes routes;
  std::string headers;  // of every request
  RequestHandler::TimePoint now = std::chrono::steady_clock::now();
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("an order is answered with 200 and found by its id, percent-encoded") {
  Counter counter;
  const std::string placed = counter.post(kOrder);
  CHECK(placed.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(placed, R"("status":"pending_new")"));
  for (const char* target : {"/v2/orders:by_client_order_id?client_order_id=a%20b%2Bc",
                             "/v2/orders:by_client_order_id?client_order_id=a+b%2bc",
                             "/v2/orders%3Aby_client_order_id?x=y&client_order_id=a+b%2bc"}) {
    CAPTURE(target);
    CHECK(body_of(counter.get(target)) == body_of(placed));
  }
}

TEST_CASE("an id that no order has is not found, and said so safely") {
  Counter counter;
  const std::string missing =
      counter.get("/v2/orders:by_client_order_id?client_order_id=%22quote%22");
  CHECK(missing.starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(body_of(missing) == R"({"code":40410000,"message":"order not found for \"quote\""})");
  for (const char* query : {"", "?", "?client_order_id=", "?client_order_id=%", "?other=1"}) {
    CAPTURE(query);
    CHECK(counter.get(std::string("/v2/orders:by_client_order_id") + query)
              .starts_with("HTTP/1.1 422 "));
  }
  CHECK(has(counter.get("/v2/orders:by_client_order_id?client_order_id=%ff"), "is not UTF-8"));
}

TEST_CASE("checks come in the API's order: JSON, fields, symbol, then the id") {
  Counter counter;
  counter.post(kOrder);
  CHECK(body_of(counter.post("{")) ==
        R"({"code":40010000,"message":"request body format is invalid"})");
  CHECK(counter.post("{").starts_with("HTTP/1.1 400 "));
  CHECK(body_of(counter.post(R"({"client_order_id":"a b+c"})")) ==
        R"({"code":40010001,"message":"symbol is required"})");
  CHECK(has(counter.post(R"({"symbol":"x","qty":1,"side":"buy","type":"market",)"
                         R"("time_in_force":"day","client_order_id":"a b+c"})"),
            R"(asset \"x\" not found)"));
  const std::string again = counter.post(kOrder);
  CHECK(again.starts_with("HTTP/1.1 422 "));
  CHECK(body_of(again) == R"({"code":42210000,"message":"client_order_id must be unique"})");
}

TEST_CASE("every POST is in the ledger, whatever became of it") {
  Counter counter;
  counter.post(kOrder);
  counter.post(kOrder);
  counter.post(R"({"client_order_id":"incomplete"})");
  counter.post("not JSON");
  const auto ledger = counter.desk.ledger();
  REQUIRE(ledger.size() == 4);
  CHECK(ledger[0].outcome == OrderOutcome::committed);
  CHECK(ledger[1].outcome == OrderOutcome::duplicate);
  CHECK(ledger[1].client_order_id == ledger[0].client_order_id);
  CHECK(ledger[1].body_hash == ledger[0].body_hash);
  CHECK(ledger[2].outcome == OrderOutcome::refused);
  CHECK(ledger[2].client_order_id == "incomplete");
  CHECK(ledger[2].body_hash != ledger[0].body_hash);
  CHECK(ledger[3].client_order_id.empty());
  CHECK(ledger[3].body_hash == fnv1a("not JSON"));
  CHECK(ledger[3].status == 400);
}

TEST_CASE("an order without an id gets one of its own") {
  Counter counter;
  const std::string body =
      R"({"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day"})";
  counter.post(body);
  counter.post(body);
  const auto ledger = counter.desk.ledger();
  REQUIRE(ledger.size() == 2);
  CHECK(ledger[0].client_order_id.size() == 36);
  CHECK(ledger[0].client_order_id != ledger[1].client_order_id);
  CHECK(ledger[1].outcome == OrderOutcome::committed);
}

TEST_CASE("replies are due after the latency, and their sending is written down") {
  Counter counter(2ms);
  const Reply reply = counter.ask(HttpMethod::post, "/v2/orders", kOrder);
  CHECK(reply.due == counter.now + 2ms);
  CHECK(reply.receipt == 1);
  CHECK(counter.desk.ledger()[0].committed_ns > 0);
  CHECK(counter.desk.ledger()[0].replied_ns == 0);
  counter.routes.replied(reply.receipt);
  CHECK(counter.desk.ledger()[0].replied_ns >= counter.desk.ledger()[0].committed_ns);
  CHECK(counter.ask(HttpMethod::get, "/v2/clock").receipt == 0);
}

TEST_CASE("a latency that the clock cannot show is due never, not long ago") {
  Counter counter(std::chrono::microseconds::max());
  CHECK(counter.ask(HttpMethod::get, "/v2/clock").due == RequestHandler::TimePoint::max());
}

TEST_CASE("unknown paths and wrong methods are answered as JSON") {
  Counter counter;
  for (const char* path : {"/", "/v2", "/v2/orders/", "/v2/Orders", "/v2/orders%", "/V2/orders"}) {
    CAPTURE(path);
    CHECK(body_of(counter.get(path)) == R"({"code":40410000,"message":"endpoint not found"})");
  }
  const std::string get_orders = counter.get("/v2/orders?status=open");
  CHECK(get_orders.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(has(get_orders, "\r\nAllow: POST\r\n"));
  const std::string post_clock = counter.ask(HttpMethod::post, "/v2/clock").bytes;
  CHECK(has(post_clock, "\r\nAllow: GET, HEAD\r\n"));
  CHECK(counter.ask(HttpMethod::other, "/v2/orders", kOrder).bytes.starts_with("HTTP/1.1 405 "));
  CHECK(counter.desk.ledger().empty());
}

TEST_CASE("with accounts, what shows no account's keys is answered 401 wherever it trades") {
  Counter counter(1h, {{.key_id = "AK1", .secret = "one"}, {.key_id = "AK2", .secret = "two"}});
  for (const char* headers :
       {"", "APCA-API-KEY-ID: AK1\r\n", "APCA-API-SECRET-KEY: one\r\n",
        "APCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: two\r\n",
        "APCA-API-KEY-ID: AK1\r\nAPCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: one\r\n",
        "APCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: two\r\nAPCA-API-SECRET-KEY: one\r\n",
        "APCA-API-KEY-ID:\r\nAPCA-API-SECRET-KEY:\r\n", "Authorization: Bearer one\r\n"}) {
    CAPTURE(headers);
    counter.headers = headers;
    for (const char* target : {"/v2/clock", "/v2/orders", "/v2%2Fclock", "/v2/nothing",
                               "/v2/orders:by_client_order_id?client_order_id=a"}) {
      CAPTURE(target);
      const Reply reply = counter.ask(HttpMethod::get, target);
      CHECK(reply.bytes.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
      CHECK(body_of(reply.bytes) == R"({"message":"unauthorized."})");
      CHECK(reply.due == counter.now);
    }
    CHECK(counter.get("/_sim/ledger").starts_with("HTTP/1.1 200 "));
    CHECK(counter.get("/elsewhere").starts_with("HTTP/1.1 404 "));
  }
  CHECK(counter.desk.ledger().empty());
  counter.headers = "apca-api-key-id:AK2 \r\nX: y\r\nApca-Api-Secret-Key:\ttwo\r\n";
  CHECK(counter.get("/v2/clock").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a POST without an account's keys is in the ledger as refused, for no account") {
  Counter counter(0us, {{.key_id = "AK1", .secret = "one"}});
  const Reply strange = counter.ask(HttpMethod::post, "/v2/orders", kOrder);
  CHECK(strange.bytes.starts_with("HTTP/1.1 401 "));
  CHECK(strange.receipt == 1);
  CHECK(counter.ask(HttpMethod::post, "/v2/orders", "not JSON").receipt == 2);
  CHECK(counter.ask(HttpMethod::post, "/v2/clock", kOrder).receipt == 0);
  counter.headers = "APCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: one\r\n";
  CHECK(counter.post(kOrder).starts_with("HTTP/1.1 200 "));
  const auto ledger = counter.desk.ledger();
  REQUIRE(ledger.size() == 3);
  CHECK(ledger[0].outcome == OrderOutcome::refused);
  CHECK(ledger[0].status == 401);
  CHECK(ledger[0].account.empty());
  CHECK(ledger[0].client_order_id == "a b+c");
  CHECK(ledger[0].body_hash == fnv1a(kOrder));
  CHECK(ledger[1].client_order_id.empty());
  CHECK(ledger[2].outcome == OrderOutcome::committed);
  CHECK(ledger[2].account == "AK1");
}

TEST_CASE("an account sees its own orders, and spends its own ids") {
  Counter counter(0us, {{.key_id = "AK1", .secret = "one"}, {.key_id = "AK2", .secret = "two"}});
  const std::string first = "APCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: one\r\n";
  const std::string second = "APCA-API-KEY-ID: AK2\r\nAPCA-API-SECRET-KEY: two\r\n";
  const std::string look_up = "/v2/orders:by_client_order_id?client_order_id=a+b%2Bc";
  counter.headers = first;
  const std::string placed = body_of(counter.post(kOrder));
  counter.headers = second;
  CHECK(counter.get(look_up).starts_with("HTTP/1.1 404 "));
  const std::string placed_too = body_of(counter.post(kOrder));
  CHECK(body_of(counter.get(look_up)) == placed_too);
  counter.headers = first;
  CHECK(body_of(counter.get(look_up)) == placed);
  CHECK(placed != placed_too);
}

TEST_CASE("OPTIONS is no method of any endpoint, nor of the server as a whole") {
  Counter counter;
  const std::string options = counter.ask(HttpMethod::other, "*").bytes;
  CHECK(options.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(has(options, "\r\nAllow: GET, HEAD, POST\r\n"));
  CHECK(counter.ask(HttpMethod::other, "/v2/clock").bytes.starts_with("HTTP/1.1 405 "));
}

TEST_CASE("HEAD is answered with the headers of GET and no body") {
  Counter counter;
  counter.post(kOrder);
  const std::string target = "/v2/orders:by_client_order_id?client_order_id=a+b%2Bc";
  const std::string get = counter.get(target);
  const std::string head = counter.ask(HttpMethod::head, target).bytes;
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(has(head, "\r\nContent-Length: " + std::to_string(body_of(get).size()) + "\r\n"));
}

TEST_CASE("every reply names itself and says whether the connection stays") {
  Counter counter;
  std::set<std::string> ids;
  for (const bool keep_alive : {true, false}) {
    const Reply reply = counter.ask(HttpMethod::get, "/v2/clock", {}, keep_alive);
    CHECK(reply.close == !keep_alive);
    CHECK(has(reply.bytes,
              keep_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n"));
    const std::size_t at = reply.bytes.find("\r\nX-Request-ID: ") + 16;
    const std::string id = reply.bytes.substr(at, reply.bytes.find("\r\n", at) - at);
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    ids.insert(id);
  }
  CHECK(ids.size() == 2);
  const Reply refusal = counter.routes.refuse({.status = 431, .reason = "too long"}, counter.now);
  CHECK(refusal.close);
  CHECK(refusal.bytes.starts_with("HTTP/1.1 431 "));
  CHECK(body_of(refusal.bytes) == R"({"code":43100000,"message":"too long"})");
}

TEST_CASE("the clock is New York's, and the market is open") {
  Counter counter;
  const std::string clock = body_of(counter.get("/v2/clock"));
  CHECK(has(clock, R"({"timestamp":"20)"));
  CHECK(has(clock, R"(-0)"));
  CHECK(has(clock, R"("is_open":true)"));
  CHECK(has(clock, R"(T09:30:00-0)"));
  CHECK(has(clock, R"(T16:00:00-0)"));
}
