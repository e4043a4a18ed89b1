// A server that reads requests and closes instead of answering: the moment at which HTTP clients
// send again on their own. SIGPIPE ends this program.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <type_traits>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/deadly_sigpipe.hpp"
#include "support/exchange_requests.hpp"
#include "support/hostile_server.hpp"
#include "support/sanitizer.hpp"
#include "support/soon.hpp"
#include "support/tls_client.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

constexpr int kThreads = 64;

// Each costs a handshake, so that 1,000 of each thread take a minute or two:
// LEASEHOLD_FULL_STORM=1 in the environment asks for them.
int posts_of_each_thread() {
  if (std::getenv("LEASEHOLD_FULL_STORM") != nullptr) return 1000;
  return kSanitized ? 10 : 50;
}

// Answers the first requests of a connection; the one behind them it reads, whole, and closes.
Script closes_after(int answers) {
  return {.play = [answers](Conversation& c) {
    for (int i = 0; i < answers; ++i) c.answer(c.read_request());
    c.read_request();
    c.end(Conversation::End::close_notify);
    c.carry_on();
  }};
}

}  // namespace

TEST_CASE("64 threads whose server reads POSTs and closes send none twice") {
  const int each = posts_of_each_thread();
  HostileServer server(closes_after(0), 0, HostileServer::Plays::always);
  std::atomic<int> in_doubt{0};
  {
    ClientPool pool(server.client(), patient_pool({.size = 16}));
    std::array<std::jthread, kThreads> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads[static_cast<std::size_t>(t)] = std::jthread([&, t] {
        for (int i = 0; i < each; ++i) {
          const std::string body = order_json(std::to_string(t) + '-' + std::to_string(i));
          const Outcome outcome =
              pool.send({.method = Method::post, .path = "/v2/orders", .body = body}, soon());
          if (outcome.fate() == Fate::in_doubt && outcome.fault().cause == Cause::peer_closed) {
            ++in_doubt;
          }
        }
      });
    }
  }
  const Received received = server.await_all_over();
  CHECK(received.doubles() == 0);
  CHECK(received.complete() == static_cast<std::size_t>(kThreads * each));
  CHECK(in_doubt == kThreads * each);
  CHECK(sigpipe_is_deadly());
}

TEST_CASE("a bare SSLClient of cpp-httplib >= 0.12 does send twice, and this server sees it") {
  HostileServer server(closes_after(1));
  {
    httplib::SSLClient client("127.0.0.1", server.port());
    client.enable_server_certificate_verification(false);
    client.set_keep_alive(true);
    REQUIRE(client.Post("/v2/orders", order_json("first"), "application/json"));
    // It gets no further, behind its last byte, until the server has closed: what the scheduler
    // does to it now and then.
    const std::string body = order_json("late");
    const auto provide = [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
      if (!sink.write(body.data() + offset, length)) return false;
      server.await_done(0);
      return true;
    };
    static_cast<void>(client.Post("/v2/orders", body.size(), provide, "application/json"));
  }
  // Version 0.12.1 began to send again, and closed the class to subclasses.
  const int times = std::is_final_v<httplib::SSLClient> ? 2 : 1;
  CHECK(server.await_all_over().requests["late"] == times);
}

TEST_CASE("this server sees a request that is sent again on another connection") {
  HostileServer server(closes_after(0), 0, HostileServer::Plays::always);
  for (int i = 0; i < 2; ++i) {
    TlsClient client(server.port(), server.ca_pem());
    client.send(post_order("twice"));
    CHECK(client.wait_for_end() == TlsClient::Ending::close_notify);
  }
  const Received received = server.await_all_over();
  CHECK(received.requests.at("twice") == 2);
  CHECK(received.doubles() == 1);
}
