// The hostile server does what its scripts say, and sees what it claims to count.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/exchange_requests.hpp"
#include "support/hostile_server.hpp"
#include "support/tls_client.hpp"

using namespace leasehold::test;
using namespace std::chrono_literals;
using End = Conversation::End;
using Ending = TlsClient::Ending;

namespace {

constexpr const char* kProbe = "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

TlsClient connect(const HostileServer& server) { return {server.port(), server.ca_pem()}; }

HttpAnswer probe(TlsClient& client) {
  client.send(kProbe);
  return client.receive(true);
}

// As leasehold's clients connect.
TlsClient connect_and_probe(const HostileServer& server) {
  TlsClient client = connect(server);
  REQUIRE(probe(client).status == 200);
  return client;
}

// How a client sees a server end that has read a request.
Ending ending_of(End how) {
  HostileServer server({.play = [how](Conversation& c) {
    c.read_request();
    c.end(how);
    c.carry_on();
  }});
  TlsClient client = connect_and_probe(server);
  client.send(post_order("a"));
  const Ending ending = client.wait_for_end();
  client.abort();
  CHECK(server.await_all_over().requests == std::map<std::string, int>{{"a", 1}});
  return ending;
}

std::string failure_of(TlsClient& client, const std::string& request) {
  try {
    client.exchange(request);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("complete requests are counted by id, each as often as it came") {
  HostileServer server({});
  TlsClient client = connect(server);
  CHECK(client.exchange(post_order("a")).body == R"({"client_order_id":"a"})");
  CHECK(client.exchange(post_order("a")).status == 200);
  CHECK(connect(server).exchange(post_order("b")).status == 200);
  client.close();
  const Received received = server.await_all_over();
  CHECK(received.requests == std::map<std::string, int>{{"a", 2}, {"b", 1}});
  CHECK(received.complete() == 3);
  CHECK(received.doubles() == 1);
  CHECK(received.body_bytes == 3 * order_json("a").size());
  CHECK(received.connections == 2);
  CHECK(received.handshakes == 2);
}

TEST_CASE("two requests in one record are two") {
  HostileServer server({});
  TlsClient client = connect(server);
  client.send(post_order("a") + post_order("a"));
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK(server.received().requests.at("a") == 2);
}

TEST_CASE("a request that did not come whole is not counted, but for the bytes of its body") {
  HostileServer server({});
  TlsClient client = connect(server);
  const std::string request = post_order("a");
  client.send(request.substr(0, request.size() - 1));
  client.close();
  const Received received = server.await_all_over();
  CHECK(received.requests.empty());
  CHECK(received.body_bytes == order_json("a").size() - 1);
}

TEST_CASE("a request that comes after the server's end is counted all the same") {
  HostileServer server({.play = [](Conversation& c) {
    c.end(End::close_notify);
    c.carry_on();
  }});
  TlsClient client = connect_and_probe(server);
  CHECK(client.wait_for_end() == Ending::close_notify);
  client.send(post_order("late"));
  client.close();
  CHECK(server.await_all_over().requests.at("late") == 1);
}

TEST_CASE("a probe is answered properly wherever it comes, and is no request") {
  HostileServer server({.play =
                            [](Conversation& c) {
                              c.read_request();
                              c.end(End::fin);
                            }},
                       1);
  TlsClient client = connect(server);
  CHECK(probe(client).header("Content-Length") == "0");
  CHECK(probe(client).status == 200);
  CHECK(client.exchange(post_order("a")).status == 200);
  CHECK(probe(client).status == 200);
  client.send(post_order("b"));
  CHECK(client.wait_for_end() == Ending::fin);
  client.close();
  const Received received = server.await_all_over();
  CHECK(received.requests == std::map<std::string, int>{{"a", 1}, {"b", 1}});
  CHECK(received.probes == 3);
}

TEST_CASE("the script plays on the first connection, after as many answers as it was told") {
  HostileServer server({.play =
                            [](Conversation& c) {
                              c.write(answer_to("scripted " + c.read_request().id));
                              c.carry_on();
                            }},
                       1);
  TlsClient first = connect_and_probe(server);
  CHECK(first.exchange(post_order("a")).body == R"({"client_order_id":"a"})");
  CHECK(first.exchange(post_order("b")).body == R"({"client_order_id":"scripted b"})");
  server.await_done(0);
  CHECK(first.exchange(post_order("c")).body == R"({"client_order_id":"c"})");
  TlsClient second = connect_and_probe(server);
  for (int i = 0; i < 2; ++i) {
    CHECK(second.exchange(post_order("d")).body == R"({"client_order_id":"d"})");
  }
}

TEST_CASE("without a probe, the script plays on the first request") {
  HostileServer server(
      {.play = [](Conversation& c) { c.write(answer_to("scripted " + c.read_request().id)); }});
  CHECK(connect(server).exchange(post_order("a")).body == R"({"client_order_id":"scripted a"})");
}

TEST_CASE("a server that always plays its script plays it on every connection") {
  HostileServer server({.play = [](Conversation& c) { c.end(End::fin); }}, 0,
                       HostileServer::Plays::always);
  for (int i = 0; i < 3; ++i) CHECK(connect_and_probe(server).wait_for_end() == Ending::fin);
}

TEST_CASE("each way to end a connection is what the client sees") {
  CHECK(ending_of(End::close_notify) == Ending::close_notify);
  CHECK(ending_of(End::fin) == Ending::fin);
  CHECK(ending_of(End::reset) == Ending::reset);
}

TEST_CASE("a script that begins at connect refuses until it is told to listen") {
  HostileServer server({.begins = Script::Begins::connect});
  CHECK_THROWS_WITH(connect(server), doctest::Contains("Connection refused"));
  server.listen();
  CHECK(connect(server).exchange(post_order("a")).status == 200);
  CHECK(server.received().connections == 1);
}

TEST_CASE("a script that begins with the handshake may leave it out, or end behind it") {
  HostileServer silent(
      {.play = [](Conversation& c) { c.ignore(); }, .begins = Script::Begins::handshake});
  CHECK_THROWS_AS(TlsClient(silent.port(), silent.ca_pem(), 50ms), std::runtime_error);
  CHECK(silent.received().handshakes == 0);

  HostileServer resets({.play =
                            [](Conversation& c) {
                              c.handshake();
                              c.end(End::reset);
                            },
                        .begins = Script::Begins::handshake});
  CHECK(connect(resets).wait_for_end() == Ending::reset);
  CHECK(resets.await_all_over().handshakes == 1);
}

TEST_CASE("an answer in drips is a whole one in the end, and no drip waits for a client") {
  HostileServer server({.play = [](Conversation& c) {
    c.drip(answer_to(c.read_request().id), 0ms);
    c.drip(answer_to(c.read_request().id), 1h);
  }});
  TlsClient client = connect_and_probe(server);
  CHECK(client.exchange(post_order("a")).body == R"({"client_order_id":"a"})");
  client.send(post_order("b"));
  client.close();
  CHECK(server.await_all_over().requests.at("b") == 1);
}

TEST_CASE("an answer that is cut off by the end ends there") {
  HostileServer server({.play = [](Conversation& c) {
    c.write(answer_to(c.read_request().id).substr(0, 80));
    c.end(End::close_notify);
    c.carry_on();
  }});
  TlsClient client = connect_and_probe(server);
  CHECK(failure_of(client, post_order("a")).find("the peer closed instead of answering") !=
        std::string::npos);
}

TEST_CASE("of a client that is ignored, nothing is read") {
  HostileServer server({.play = [](Conversation& c) { c.ignore(); }});
  TlsClient client = connect_and_probe(server);
  client.send(post_order("a"));
  client.close();
  const Received received = server.await_all_over();
  CHECK(received.requests.empty());
  CHECK(received.body_bytes == 0);
}

TEST_CASE("a server that is destroyed waits for no client") {
  auto server = std::make_unique<HostileServer>(Script{.play = [](Conversation& c) {
    c.read_request();
    c.carry_on();
  }});
  TlsClient client = connect_and_probe(*server);
  client.send(post_order("a"));
  server->await_done(0);
  server.reset();
  CHECK(client.wait_for_end() == Ending::fin);
}
