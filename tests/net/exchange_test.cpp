// The paper exchange as its clients see it: over real connections, byte by byte where it matters.
#include "leasehold/paper/exchange.hpp"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/exchange_requests.hpp"
#include "support/manual_time.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_client.hpp"

using namespace leasehold::paper;
using namespace leasehold::test;
using namespace std::chrono_literals;
using Ending = TlsClient::Ending;

namespace {

TlsClient connect(const Exchange& exchange) { return {exchange.port(), exchange.ca_pem()}; }

// Until the exchange's only thread has finished what it was doing for others.
void settle(const Exchange& exchange) {
  CHECK(connect(exchange).exchange(get_request("/v2/clock")).status == 200);
}

std::size_t committed(const std::vector<LedgerEntry>& ledger) {
  return static_cast<std::size_t>(std::count_if(
      ledger.begin(), ledger.end(),
      [](const LedgerEntry& entry) { return entry.outcome == OrderOutcome::committed; }));
}

}  // namespace

TEST_CASE("300 connections are open and served at the same time") {
  constexpr int kConnections = 300;
  const Exchange exchange(patient_exchange());
  std::vector<TlsClient> clients;
  for (int at = 0; at < kConnections; ++at) clients.push_back(connect(exchange));
  for (int round = 0; round < 2; ++round) {
    // All ask before any is answered.
    for (int at = 0; at < kConnections; ++at) {
      clients[static_cast<std::size_t>(at)].send(
          post_order(std::to_string(round) + "-" + std::to_string(at)));
    }
    for (TlsClient& client : clients) CHECK(client.receive().status == 200);
  }
  CHECK(exchange.status().connections_open == kConnections);
  CHECK(exchange.status().handshakes == kConnections);
  std::set<std::uint64_t> connections;
  for (const LedgerEntry& entry : exchange.ledger()) connections.insert(entry.connection);
  CHECK(connections.size() == kConnections);
  CHECK(committed(exchange.ledger()) == 2 * kConnections);
}

TEST_CASE("a connection is kept for request after request") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  for (int at = 0; at < 50; ++at) {
    CHECK(client.exchange(post_order(std::to_string(at))).status == 200);
    CHECK(client.exchange(get_request("/v2/clock")).status == 200);
  }
  CHECK(exchange.status().handshakes == 1);
  CHECK(exchange.status().requests == 100);
}

TEST_CASE("pipelined requests are answered one by one, in their order") {
  constexpr int kRequests = 500;
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  std::string requests;
  for (int at = 0; at < kRequests; ++at) requests += post_order("p" + std::to_string(at));
  client.send(requests);
  for (int at = 0; at < kRequests; ++at) {
    const HttpAnswer answer = client.receive();
    CHECK(answer.status == 200);
    CHECK(answer.body.find("\"client_order_id\":\"p" + std::to_string(at) + "\"") !=
          std::string::npos);
  }
  CHECK(committed(exchange.ledger()) == kRequests);
}

TEST_CASE("pipelined requests with a latency wait for their turn") {
  const Exchange exchange(patient_exchange({.latency = 5ms}));
  TlsClient client = connect(exchange);
  client.send(post_order("1") + post_order("2") + post_order("3"));
  for (int at = 0; at < 3; ++at) CHECK(client.receive().status == 200);
  const auto ledger = exchange.ledger();
  REQUIRE(ledger.size() == 3);
  CHECK(ledger[1].received_ns >= ledger[0].replied_ns);
  CHECK(ledger[2].received_ns >= ledger[1].replied_ns);
}

TEST_CASE("a request that comes in splinters is the same request") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  // A TLS record for each byte...
  std::string records;
  for (const char byte : post_order("records")) records += client.seal({&byte, 1});
  client.send_sealed(records);
  CHECK(client.receive().status == 200);
  // ...and a segment for each byte of a record.
  const std::string record = client.seal(post_order("segments"));
  for (std::size_t at = 0; at < record.size(); ++at) client.send_sealed({&record[at], 1});
  CHECK(client.receive().status == 200);
  CHECK(committed(exchange.ledger()) == 2);
}

TEST_CASE("an idle connection is closed with close_notify, and not before its time") {
  ManualTime time;
  const Exchange exchange({.idle_timeout = 60s, .io_threads = 1}, time);
  TlsClient client = connect(exchange);
  for (int round = 0; round < 3; ++round) {
    CHECK(client.exchange(post_order(std::to_string(round))).status == 200);
    settle(exchange);
    time.advance(60s - 1ns);
  }
  CHECK(client.exchange(get_request("/v2/clock")).status == 200);
  settle(exchange);
  time.advance(60s);
  CHECK(client.wait_for_end() == Ending::close_notify);
  client.close();
  await([&] { return exchange.status().connections_open == 0; });
}

TEST_CASE("a connection that waits for its answer is not idle") {
  ManualTime time;
  const Exchange exchange({.latency = 1h, .idle_timeout = 60s, .io_threads = 1}, time);
  TlsClient client = connect(exchange);
  client.send(post_order("a"));
  await([&] { return exchange.status().orders_committed == 1; });
  time.advance(30min);
  connect(exchange);
  time.advance(30min);
  CHECK(client.receive().status == 200);
  connect(exchange);
  time.advance(60s);
  CHECK(client.wait_for_end() == Ending::close_notify);
}

TEST_CASE("an exchange whose connections are gone waits for no time, and so sleeps") {
  ManualTime time;
  const Exchange exchange({.idle_timeout = 60s}, time);
  for (int at = 0; at < 4; ++at) {
    TlsClient client = connect(exchange);
    CHECK(client.exchange(get_request("/v2/clock")).status == 200);
    client.close();
  }
  await([&] { return exchange.status().connections_open == 0; });
  time.advance(1h);
  await([&] { return time.awaited_by_nobody(); });
}

TEST_CASE("an id is taken once, on whatever connection it comes") {
  const Exchange exchange(patient_exchange());
  TlsClient first = connect(exchange);
  TlsClient second = connect(exchange);
  CHECK(first.exchange(post_order("a")).status == 200);
  for (TlsClient* client : {&first, &second}) {
    const HttpAnswer again = client->exchange(post_order("a"));
    CHECK(again.status == 422);
    CHECK(again.body == R"({"code":42210000,"message":"client_order_id must be unique"})");
  }
  const auto ledger = exchange.ledger();
  REQUIRE(ledger.size() == 3);
  CHECK(ledger[0].outcome == OrderOutcome::committed);
  CHECK(ledger[1].outcome == OrderOutcome::duplicate);
  CHECK(ledger[2].outcome == OrderOutcome::duplicate);
  CHECK(ledger[1].connection == ledger[0].connection);
  CHECK(ledger[2].connection != ledger[0].connection);
}

TEST_CASE("what many threads were told is what the ledger holds") {
  constexpr int kThreads = 8;
  constexpr int kOrders = 150;
  const Exchange exchange(patient_exchange());
  std::atomic<std::size_t> accepted{0};
  std::atomic<std::size_t> duplicate{0};
  std::atomic<std::size_t> other{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        TlsClient client = connect(exchange);
        for (int order = 0; order < kOrders; ++order) {
          // Every other id is used by all threads.
          const std::string id = order % 2 == 0
                                     ? "shared-" + std::to_string(order)
                                     : std::to_string(thread) + "-" + std::to_string(order);
          const int status = client.exchange(post_order(id)).status;
          ++(status == 200 ? accepted : status == 422 ? duplicate : other);
        }
      });
    }
  }
  CHECK(other == 0);
  CHECK(accepted == kOrders / 2 + kThreads * kOrders / 2);
  CHECK(accepted + duplicate == kThreads * kOrders);
  const auto ledger = exchange.ledger();
  CHECK(ledger.size() == kThreads * kOrders);
  CHECK(committed(ledger) == accepted);
  CHECK(exchange.status().orders_committed == accepted);
  CHECK(exchange.status().orders_duplicate == duplicate);
  std::map<std::string, int> commits;
  for (const LedgerEntry& entry : ledger) {
    if (entry.outcome == OrderOutcome::committed) ++commits[entry.client_order_id];
  }
  CHECK(std::all_of(commits.begin(), commits.end(), [](const auto& id) { return id.second == 1; }));
}

TEST_CASE("no answer leaves before the latency has passed, and none waits for another's") {
  constexpr auto kLatency = 20ms;
  const Exchange exchange(patient_exchange({.latency = kLatency}));
  std::vector<TlsClient> clients;
  for (int at = 0; at < 50; ++at) clients.push_back(connect(exchange));
  for (std::size_t at = 0; at < clients.size(); ++at) {
    clients[at].send(post_order(std::to_string(at)));
  }
  for (TlsClient& client : clients) CHECK(client.receive().status == 200);
  await([&] {
    const auto ledger = exchange.ledger();
    return std::all_of(ledger.begin(), ledger.end(),
                       [](const LedgerEntry& entry) { return entry.replied_ns != 0; });
  });
  for (const LedgerEntry& entry : exchange.ledger()) {
    CHECK(entry.committed_ns >= entry.received_ns);
    CHECK(entry.replied_ns - entry.received_ns >= std::chrono::nanoseconds(kLatency).count());
  }
}

TEST_CASE("stopping is prompt with answers pending: orders stay committed, peers are told") {
  constexpr std::size_t kConnections = 100;
  Exchange exchange(patient_exchange({.latency = 1h}));
  std::vector<TlsClient> clients;
  for (std::size_t at = 0; at < kConnections; ++at) {
    clients.push_back(connect(exchange));
    clients.back().send(post_order(std::to_string(at)));
  }
  // Held-back answers hold up nobody: all orders are committed meanwhile.
  await([&] { return exchange.status().orders_committed == kConnections; });
  TlsClient idle = connect(exchange);
  exchange.stop();
  exchange.stop();
  CHECK(exchange.status().connections_open == 0);
  for (TlsClient& client : clients) CHECK(client.wait_for_end() == Ending::close_notify);
  CHECK(idle.wait_for_end() == Ending::close_notify);
  // The port is free: whoever takes it now is not this exchange.
  CHECK_THROWS_AS(connect(exchange), std::runtime_error);
  for (const LedgerEntry& entry : exchange.ledger()) {
    CHECK(entry.outcome == OrderOutcome::committed);
    CHECK(entry.replied_ns == 0);
  }
}

TEST_CASE("the ledger is served as JSON, however long") {
  constexpr int kOrders = 20'000;
  constexpr int kBatch = 200;
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  for (int first = 0; first < kOrders; first += kBatch) {
    std::string requests;
    for (int at = first; at < first + kBatch; ++at) requests += post_order(std::to_string(at));
    client.send(requests);
    for (int at = 0; at < kBatch; ++at) REQUIRE(client.receive().status == 200);
  }
  const HttpAnswer answer = client.exchange(get_request("/_sim/ledger"));
  CHECK(answer.status == 200);
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  REQUIRE_FALSE(document.HasParseError());
  const auto& entries = document["entries"];
  const auto ledger = exchange.ledger();
  REQUIRE(ledger.size() == kOrders);
  REQUIRE(entries.Size() == kOrders);
  CHECK(document["count"].GetInt() == kOrders);
  for (rapidjson::SizeType at = 0; at < entries.Size(); ++at) {
    const auto& entry = entries[at];
    const LedgerEntry& expected = ledger[at];
    REQUIRE(entry["seq"].GetUint64() == expected.seq);
    REQUIRE(entry["received_ns"].GetInt64() == expected.received_ns);
    REQUIRE(entry["committed_ns"].GetInt64() == expected.committed_ns);
    REQUIRE(entry["replied_ns"].GetInt64() == expected.replied_ns);
    REQUIRE(entry["client_order_id"].GetString() == expected.client_order_id);
    REQUIRE(entry["outcome"].GetString() == std::string("committed"));
  }
}

TEST_CASE("an answer larger than all buffers waits for its reader, and for nobody else's") {
  const Exchange exchange(patient_exchange({.io_threads = 1}));
  TlsClient client = connect(exchange);
  const std::string long_id(124, 'x');
  for (int batch = 0; batch < 7; ++batch) {
    std::string requests;
    for (int at = 0; at < 100; ++at) {
      requests += post_order(long_id + std::to_string(1000 + 100 * batch + at));
    }
    client.send(requests);
    for (int at = 0; at < 100; ++at) REQUIRE(client.receive().status == 200);
  }
  TlsClient slow = connect(exchange);
  constexpr int kLedgers = 100;  // some 25 MB, unread
  for (int at = 0; at < kLedgers; ++at) slow.send(get_request("/_sim/ledger"));
  for (int at = 0; at < 20; ++at) CHECK(client.exchange(get_request("/v2/clock")).status == 200);
  std::size_t size = 0;
  for (int at = 0; at < kLedgers; ++at) {
    const HttpAnswer answer = slow.receive();
    REQUIRE(answer.status == 200);
    REQUIRE(answer.body.ends_with("}]}"));
    if (at == 0) size = answer.body.size();
    REQUIRE(answer.body.size() == size);
  }
  CHECK(size > 200'000);
}

TEST_CASE("refused orders with endless ids do not fill the ledger") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  for (int at = 0; at < 10; ++at) {
    CHECK(client.exchange(post_order(std::string(65'000, 'x'))).status == 422);
  }
  for (const LedgerEntry& entry : exchange.ledger()) {
    CHECK(entry.outcome == OrderOutcome::refused);
    CHECK(entry.client_order_id == std::string(128, 'x'));
  }
  CHECK(client.exchange(get_request("/_sim/ledger")).body.size() < 10 * 1000);
}

TEST_CASE("a client that waits for 100 Continue gets it once, then its answer") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  const std::string request = post_request(order_json("a"), "Expect: 100-continue\r\n");
  const std::size_t body = request.find("\r\n\r\n") + 4;
  for (int round = 0; round < 2; ++round) {
    client.send(request.substr(0, body));
    CHECK(client.receive().status == 100);
    client.send(request.substr(body, 10));
    client.send(request.substr(body + 10));
    CHECK(client.receive().status == (round == 0 ? 200 : 422));
  }
  // Who sends the body with the head does not need it.
  CHECK(client.exchange(request).status == 422);
}

TEST_CASE("a refused request is answered although its sender is still sending, then closed") {
  const ManualTime still;
  const Exchange exchange({}, still);
  {
    TlsClient client = connect(exchange);
    client.send("POST /v2/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    for (int at = 0; at < 30; ++at) client.send(std::string(10'000, 'x'));
    const HttpAnswer answer = client.receive();
    CHECK(answer.status == 413);
    CHECK(answer.header("Connection") == "close");
    CHECK(client.wait_for_end() == Ending::close_notify);
  }
  {
    TlsClient client = connect(exchange);
    CHECK(client.exchange("nonsense\r\n\r\n" + post_order("after")).status == 400);
    CHECK(client.wait_for_end() == Ending::close_notify);
  }
  CHECK(exchange.ledger().empty());  // what follows a broken request is not a request
}

TEST_CASE("a request for no host, or for several, is answered 400 and closed") {
  const Exchange exchange(patient_exchange());
  const std::string body = order_json("a");
  for (const char* hosts : {"", "Host: ::1:8443\r\n", "Host: user@127.0.0.1\r\n", "Host: a b\r\n",
                            "Host: a, b\r\n", "Host: a\r\nHost: a\r\n"}) {
    CAPTURE(hosts);
    TlsClient client = connect(exchange);
    const HttpAnswer answer =
        client.exchange(std::string("POST /v2/orders HTTP/1.1\r\n") + hosts +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    REQUIRE(answer.status == 400);
    CHECK(answer.header("Connection") == "close");
    CHECK(client.wait_for_end() == Ending::close_notify);
  }
  CHECK(exchange.ledger().empty());
}

TEST_CASE("OPTIONS of the whole server is answered 405, and the connection is kept") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  const HttpAnswer answer = client.exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(answer.status == 405);
  CHECK(answer.header("Allow") == "GET, HEAD, POST, PATCH, DELETE");
  CHECK(client.exchange(get_request("/v2/clock")).status == 200);
}

TEST_CASE("a target with user info or a fragment is answered 400 and closed") {
  const Exchange exchange(patient_exchange());
  for (const char* target :
       {"http://user@host/v2/clock", "https://user@host/v2/clock",
        "https://user:secret@host/v2/clock", "/v2/clock#now", "/v2/clock?x#now"}) {
    CAPTURE(target);
    TlsClient client = connect(exchange);
    REQUIRE(client.exchange(get_request(target)).status == 400);
    CHECK(client.wait_for_end() == Ending::close_notify);
  }
}

TEST_CASE("Connection: close is honoured after the answer, in any case") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  const HttpAnswer answer =
      client.exchange(post_request(order_json("a"), "connection: Close\r\n") + post_order("b"));
  CHECK(answer.status == 200);
  CHECK(answer.header("Connection") == "close");
  CHECK(client.wait_for_end() == Ending::close_notify);
  CHECK(exchange.ledger().size() == 1);
}

TEST_CASE("HTTP/1.0 is answered and closed, HEAD is answered without a body") {
  const Exchange exchange(patient_exchange());
  TlsClient client = connect(exchange);
  client.send("HEAD /v2/clock HTTP/1.1\r\nHost: x\r\n\r\n" + get_request("/v2/clock"));
  const HttpAnswer head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == client.receive().header("content-length"));
  CHECK(client.exchange("GET /v2/clock HTTP/1.0\r\n\r\n").status == 200);
  CHECK(client.wait_for_end() == Ending::close_notify);
}

TEST_CASE("a request that never ends is answered 408 and closed") {
  ManualTime time;
  const Exchange exchange({.idle_timeout = 24h, .stall_timeout = 10s, .io_threads = 1}, time);
  TlsClient client = connect(exchange);
  // In one record, so that the second has begun when the first is answered.
  client.send(get_request("/v2/clock") + post_order("a").substr(0, 60));
  CHECK(client.receive().status == 200);
  connect(exchange);
  time.advance(10s);
  CHECK(client.receive().status == 408);
  CHECK(client.wait_for_end() == Ending::close_notify);
  CHECK(exchange.ledger().empty());
}

TEST_CASE("peers that vanish in every way leave an exchange that serves on") {
  // SIGPIPE has its default disposition here: one would end this process.
  const Exchange exchange(patient_exchange());
  std::string requests;
  for (int at = 0; at < 100; ++at) requests += get_request("/v2/clock");
  for (int round = 0; round < 60; ++round) {
    TlsClient client = connect(exchange);
    client.send(requests);
    if (round % 3 == 0) client.close();
    if (round % 3 == 1) client.abort();
    if (round % 3 == 2) client.reset();
  }
  await([&] { return exchange.status().connections_open == 0; });
  CHECK(connect(exchange).exchange(get_request("/v2/clock")).status == 200);
}

TEST_CASE("an order whose sender is gone is committed all the same, and never marked as replied") {
  ManualTime time;
  const Exchange exchange({.latency = 1h, .io_threads = 1}, time);
  TlsClient client = connect(exchange);
  client.send(post_order("a"));
  await([&] { return exchange.status().orders_committed == 1; });
  client.reset();
  await([&] { return exchange.status().connections_open == 0; });
  time.advance(1h);
  TlsClient later = connect(exchange);
  later.send(get_request("/v2/orders:by_client_order_id?client_order_id=a"));
  await([&] { return exchange.status().requests == 2; });
  connect(exchange);  // its only thread is done with the request: the answer has its time
  time.advance(1h);
  CHECK(later.receive().status == 200);
  CHECK(exchange.ledger().at(0).replied_ns == 0);
}

TEST_CASE("one connection more than allowed is closed at once, and room is made by leaving") {
  const Exchange exchange(patient_exchange({.max_connections = 2}));
  TlsClient first = connect(exchange);
  TlsClient second = connect(exchange);
  CHECK_THROWS_AS(connect(exchange), std::runtime_error);
  CHECK(exchange.status().connections_refused == 1);
  CHECK(first.exchange(get_request("/v2/clock")).status == 200);
  second.close();
  await([&] { return exchange.status().connections_open == 1; });
  CHECK(connect(exchange).exchange(get_request("/v2/clock")).status == 200);
}

TEST_CASE("a client that trusts another exchange's authority does not connect") {
  const Exchange exchange(patient_exchange());
  const Exchange other(patient_exchange());
  CHECK(exchange.ca_pem() != other.ca_pem());
  CHECK_THROWS_WITH_AS(TlsClient(exchange.port(), other.ca_pem()), doctest::Contains("handshake"),
                       std::runtime_error);
  CHECK(exchange.status().connections_accepted == 1);
  CHECK(connect(exchange).exchange(get_request("/v2/clock")).status == 200);
}

TEST_CASE("a port in use is named in the error") {
  const Exchange exchange(patient_exchange());
  const std::string port = std::to_string(exchange.port());
  CHECK(exchange.origin() == "https://127.0.0.1:" + port);
  CHECK_THROWS_WITH_AS(Exchange({.port = exchange.port()}),
                       doctest::Contains(("cannot listen on 127.0.0.1 port " + port).c_str()),
                       std::system_error);
}

TEST_CASE("the authority is written to a file, or the error names the path") {
  const Exchange exchange(patient_exchange());
  const TemporaryFolder folder;
  const std::string path = folder.path("ca.pem");
  exchange.write_ca(path);
  std::ifstream file(path, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == exchange.ca_pem());
  CHECK_THROWS_WITH_AS(exchange.write_ca("no/such/folder/ca.pem"),
                       doctest::Contains("no/such/folder/ca.pem"), std::system_error);
}
