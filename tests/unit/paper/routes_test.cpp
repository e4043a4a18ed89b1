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

// The text of the first member of this name; empty if it is null.
std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find('"' + name + R"(":)") + name.size() + 3;
  if (json.at(at) != '"') return {};
  return json.substr(at + 1, json.find('"', at + 1) - at - 1);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

// Of an order with this id.
std::string order_with(const std::string& id, const std::string& others = {}) {
  return R"({"symbol":"AAPL","qty":"2","side":"buy","type":"limit","limit_price":"150",)"
         R"("time_in_force":"day","client_order_id":")" +
         id + '"' + others + '}';
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
    // As it was placed, and meanwhile "new".
    const std::string found = body_of(counter.get(target));
    CHECK(has(found, R"("status":"new")"));
    CHECK(member(found, "id") == member(placed, "id"));
    CHECK(found == replaced(body_of(placed), "pending_new", "new"));
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
  for (const char* path : {"/", "/v2", "/v2/orders/", "/v2/Orders", "/v2/orders%", "/V2/orders",
                           "/v2/clock/x", "/v2/ordersx"}) {
    CAPTURE(path);
    CHECK(body_of(counter.get(path)) == R"({"code":40410000,"message":"endpoint not found"})");
  }
  const std::string patch_orders = counter.ask(HttpMethod::patch, "/v2/orders").bytes;
  CHECK(patch_orders.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(has(patch_orders, "\r\nAllow: POST, GET, HEAD, DELETE\r\n"));
  const std::string post_order = counter.ask(HttpMethod::post, "/v2/orders/1").bytes;
  CHECK(has(post_order, "\r\nAllow: GET, HEAD, PATCH, DELETE\r\n"));
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
  CHECK(member(body_of(counter.get(look_up)), "id") == member(placed_too, "id"));
  counter.headers = first;
  CHECK(member(body_of(counter.get(look_up)), "id") == member(placed, "id"));
  CHECK(member(placed, "id") != member(placed_too, "id"));
  // Nor is it reached by its own id.
  const std::string others = "/v2/orders/" + member(placed_too, "id");
  CHECK(counter.get(others).starts_with("HTTP/1.1 404 "));
  CHECK(counter.ask(HttpMethod::del, others).bytes.starts_with("HTTP/1.1 404 "));
  CHECK(
      counter.ask(HttpMethod::patch, others, R"({"qty":"3"})").bytes.starts_with("HTTP/1.1 404 "));
  CHECK(counter.ask(HttpMethod::del, "/v2/orders").bytes.starts_with("HTTP/1.1 207 "));
  CHECK(has(counter.get("/v2/orders?status=all"), member(placed, "id")));
  CHECK_FALSE(has(counter.get("/v2/orders?status=all"), member(placed_too, "id")));
  counter.headers = second;
  CHECK(member(body_of(counter.get(look_up)), "status") == "new");
}

TEST_CASE("a cancel is answered 204, once more too, and the order says when it was cancelled") {
  Counter counter;
  const std::string placed = body_of(counter.post(order_with("a")));
  const std::string its = "/v2/orders/" + member(placed, "id");
  for (int times = 0; times < 2; ++times) {
    const std::string cancelled = counter.ask(HttpMethod::del, its).bytes;
    CHECK(cancelled.starts_with("HTTP/1.1 204 No Content\r\n"));
    CHECK(cancelled.ends_with("\r\n\r\n"));
    CHECK_FALSE(has(cancelled, "Content-Length"));
  }
  const std::string seen = body_of(counter.get(its));
  CHECK(member(seen, "status") == "canceled");
  CHECK(member(seen, "canceled_at") == member(seen, "updated_at"));
  CHECK(member(seen, "canceled_at").starts_with("20"));
  CHECK(member(seen, "replaced_at").empty());
  CHECK(counter.desk.ledger().size() == 1);
  // Its id stays spent, with the code of an order that has ended.
  CHECK(body_of(counter.post(order_with("a"))) ==
        R"({"code":40010001,"message":"client_order_id must be unique"})");
}

TEST_CASE("an order that there is none of is not found, whatever is to be done to it") {
  Counter counter;
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::patch, HttpMethod::del}) {
    const std::string answer = counter.ask(method, "/v2/orders/no%22ne", R"({"qty":"1"})").bytes;
    CHECK(answer.starts_with("HTTP/1.1 404 "));
    CHECK(body_of(answer) == R"({"code":40410000,"message":"order not found for no\"ne"})");
  }
  CHECK(counter.get("/v2/orders/%ff").starts_with("HTTP/1.1 422 "));
}

TEST_CASE("a replacement is a new order with a new id, and the old one names it") {
  Counter counter;
  const std::string placed = body_of(counter.post(order_with("a")));
  const std::string its = "/v2/orders/" + member(placed, "id");
  const Reply reply = counter.ask(HttpMethod::patch, its,
                                  R"({"qty":"3","limit_price":151.5,"client_order_id":"b"})");
  CHECK(reply.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(reply.receipt == 2);
  const std::string made = body_of(reply.bytes);
  CHECK(member(made, "status") == "pending_new");
  CHECK(member(made, "client_order_id") == "b");
  CHECK(member(made, "replaces") == member(placed, "id"));
  CHECK(member(made, "id") != member(placed, "id"));
  CHECK(member(made, "qty") == "3");
  CHECK(member(made, "limit_price") == "151.5");
  CHECK(member(made, "symbol") == "AAPL");
  CHECK(member(made, "time_in_force") == "day");
  const std::string old = body_of(counter.get(its));
  CHECK(member(old, "status") == "replaced");
  CHECK(member(old, "replaced_by") == member(made, "id"));
  CHECK(member(old, "replaced_at") == member(old, "updated_at"));
  CHECK(member(old, "qty") == "2");
  CHECK(has(counter.ask(HttpMethod::del, its).bytes, R"(order is already in \"replaced\" state)"));
  const auto ledger = counter.desk.ledger();
  REQUIRE(ledger.size() == 2);
  CHECK(ledger[1].outcome == OrderOutcome::committed);
  CHECK(ledger[1].client_order_id == "b");
}

TEST_CASE("a replacement that cannot be is refused, and its order is as it was") {
  Counter counter;
  const std::string placed = body_of(counter.post(order_with("a")));
  const std::string its = "/v2/orders/" + member(placed, "id");
  const struct {
    const char* body;
    const char* answer;
    OrderOutcome outcome;
  } rows[] = {
      {"[", R"({"code":40010000,"message":"request body format is invalid"})",
       OrderOutcome::refused},
      {R"({"client_order_id":"b"})",
       R"({"code":40010001,"message":"at least one field to replace is required"})",
       OrderOutcome::refused},
      {R"({"qty":"0","client_order_id":"b"})", R"({"code":40010001,"message":"qty must be > 0"})",
       OrderOutcome::refused},
      {R"({"limit_price":"1.001","client_order_id":"b"})",
       R"({"code":42210000,"message":"invalid limit_price 1.001. sub-penny increment does not )"
       R"(fulfill minimum pricing criteria"})",
       OrderOutcome::refused},
      {R"({"qty":"3","client_order_id":"a"})",
       R"({"code":42210000,"message":"client_order_id must be unique"})", OrderOutcome::duplicate},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    CHECK(body_of(counter.ask(HttpMethod::patch, its, row.body).bytes) == row.answer);
    CHECK(counter.desk.ledger().back().outcome == row.outcome);
    CHECK(member(body_of(counter.get(its)), "status") == "new");
  }
  // One that has ended is not replaced; an id that was refused is free.
  counter.ask(HttpMethod::del, its);
  CHECK(
      body_of(counter.ask(HttpMethod::patch, its, R"({"qty":"3","client_order_id":"b"})").bytes) ==
      R"({"code":42210000,"message":"unable to replace order, order is not open"})");
  CHECK(counter.post(order_with("b")).starts_with("HTTP/1.1 200 "));
  CHECK(counter.desk.count(OrderOutcome::committed) == 2);
}

TEST_CASE("the price that an order trails by is replaced by its one name") {
  Counter counter;
  const std::string trailing = body_of(counter.post(
      R"({"symbol":"AAPL","qty":"1","side":"sell","type":"trailing_stop","trail_percent":"1.5",)"
      R"("time_in_force":"gtc","client_order_id":"t"})"));
  const std::string made = body_of(
      counter.ask(HttpMethod::patch, "/v2/orders/" + member(trailing, "id"), R"({"trail":"2"})")
          .bytes);
  CHECK(member(made, "trail_percent") == "2");
  CHECK(member(made, "trail_price").empty());
  CHECK(member(made, "client_order_id").size() == 36);
  const std::string money = body_of(counter.post(
      R"({"symbol":"AAPL","notional":"5","side":"buy","type":"market","time_in_force":"day"})"));
  CHECK(has(
      counter.ask(HttpMethod::patch, "/v2/orders/" + member(money, "id"), R"({"qty":"2"})").bytes,
      "notional orders cannot be replaced"));
}

TEST_CASE("orders are listed, the newest first, open ones unless asked otherwise") {
  Counter counter;
  const auto ids = [&counter](const std::string& query) {
    std::string listed = body_of(counter.get("/v2/orders" + query));
    std::string all;
    const std::string name = R"("client_order_id":")";
    for (std::size_t at = listed.find(name); at != std::string::npos;
         at = listed.find(name, at + 1)) {
      all += listed.at(at + name.size());
    }
    return all;
  };
  CHECK(body_of(counter.get("/v2/orders")) == "[]");
  std::vector<std::string> made;
  for (const char* const id : {"a", "b", "c", "d"}) {
    counter.now += 1s;
    made.push_back(body_of(counter.post(order_with(id))));
  }
  counter.ask(HttpMethod::del, "/v2/orders/" + member(made[1], "id"));
  CHECK(ids("") == "dca");
  CHECK(ids("?status=open&limit=2") == "dc");
  CHECK(ids("?status=closed") == "b");
  CHECK(ids("?status=all&direction=asc&nested=true") == "abcd");
  CHECK(ids("?status=all&after_order_id=" + member(made[1], "id")) == "dc");
  CHECK(ids("?status=all&direction=asc&before_order_id=" + member(made[2], "id")) == "ab");
  CHECK(ids("?status=all&after_order_id=none") == "");
  CHECK(ids("?status=all&before_order_id=none") == "");
  const std::string at = member(made[1], "submitted_at");
  CHECK(ids("?status=all&after=" + at) == "dc");
  CHECK(ids("?status=all&until=" + at) == "a");
  CHECK(ids("?symbols=AAPL,SPY") == "dca");
  CHECK(ids("?symbols=SPY") == "");
  CHECK(ids("?side=sell") == "");
  CHECK(ids("?side=buy&asset_class=us_equity") == "dca");
  CHECK(ids("?asset_class=us_option") == "");
  const std::string cancelled = counter.ask(HttpMethod::del, "/v2/orders").bytes;
  CHECK(cancelled.starts_with("HTTP/1.1 207 Multi-Status\r\n"));
  CHECK(has(cancelled, R"([{"id":")" + member(made[0], "id") + R"(","status":200,"body":{)"));
  CHECK_FALSE(has(cancelled, member(made[1], "id")));
  CHECK(ids("") == "");
  CHECK(body_of(counter.ask(HttpMethod::del, "/v2/orders").bytes) == "[]");
}

TEST_CASE("a parameter that cannot be is refused by its name") {
  Counter counter;
  for (const char* const bad :
       {"status=new", "status=", "limit=0", "limit=501", "limit=x", "limit=", "direction=up",
        "nested=1", "symbols=", "symbols=A,,B", "side=short", "asset_class=gold", "after=today",
        "until=2023-02-30T00:00:00Z", "after_order_id=", "before_order_id="}) {
    CAPTURE(bad);
    const std::string name(bad, std::string(bad).find('='));
    const std::string answer = counter.get(std::string("/v2/orders?") + bad);
    CHECK(answer.starts_with("HTTP/1.1 422 "));
    CHECK(has(answer, "invalid " + name));
  }
  for (const char* const both :
       {"after_order_id=1&before_order_id=2", "after_order_id=1&after=2023-01-01T00:00:00Z",
        "before_order_id=1&until=2023-01-01T00:00:00Z"}) {
    CAPTURE(both);
    CHECK(counter.get(std::string("/v2/orders?") + both).starts_with("HTTP/1.1 422 "));
  }
}

TEST_CASE("OPTIONS is no method of any endpoint, nor of the server as a whole") {
  Counter counter;
  const std::string options = counter.ask(HttpMethod::other, "*").bytes;
  CHECK(options.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(has(options, "\r\nAllow: GET, HEAD, POST, PATCH, DELETE\r\n"));
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
