// Each thread's own client against real TLS servers.
#include "leasehold/client_per_thread.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <latch>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "leasehold/httplib.hpp"
#include "leasehold/paper/exchange.hpp"
#include "support/exchange_requests.hpp"
#include "support/hostile_server.hpp"
#include "support/sanitizer.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

const Header json[] = {{"Content-Type", "application/json"}};
const Request clock_request{.path = "/v2/clock"};

template <class Body>
void in_thread(Body body) {
  std::jthread(body).join();
}

bool place(ClientPerThread& clients, const std::string& id) {
  const std::string body = order_json(id);
  const Outcome outcome = clients.send(
      {.method = Method::post, .path = "/v2/orders", .headers = json, .body = body}, soon());
  return outcome && outcome.response().status() == 200;
}

}  // namespace

TEST_CASE("many threads place every order once, over one connection for each of them") {
  Venue venue;
  constexpr std::size_t threads = 16;
  constexpr std::size_t orders = 50;
  ClientPerThread clients(venue.client(), {.max_threads = threads});
  std::atomic<std::size_t> placed{0};
  {
    std::latch all_there(threads);  // so that no thread gets the client of one that has ended
    std::vector<std::jthread> strategies;
    for (std::size_t t = 0; t < threads; ++t) {
      strategies.emplace_back([&, t] {
        static_cast<void>(clients.acquire());
        all_there.arrive_and_wait();
        for (std::size_t i = 0; i < orders; ++i) {
          if (place(clients, std::to_string(t) + "-" + std::to_string(i))) ++placed;
        }
      });
    }
  }
  CHECK(placed == threads * orders);
  std::set<std::string> ids;
  for (const auto& entry : venue.exchange.ledger()) {
    CHECK(entry.outcome == paper::OrderOutcome::committed);
    CHECK(ids.insert(entry.client_order_id).second);
  }
  CHECK(ids.size() == threads * orders);
  CHECK(clients.status().handshakes == threads);
  CHECK(clients.threads() == 0);
}

TEST_CASE("a new thread goes on with the connection of one that has ended") {
  Venue venue;
  ClientPerThread clients(venue.client());
  for (int i = 0; i < 5; ++i) {
    in_thread([&] { CHECK(place(clients, std::to_string(i))); });
  }
  CHECK(venue.exchange.status().connections_accepted == 1);
  CHECK(clients.status().handshakes == 1);
}

TEST_CASE("a new thread whose inherited connection has ended connects anew, and loses nothing") {
  std::latch may_end(1);
  HostileServer server({.play =
                            [&may_end](Conversation& c) {
                              may_end.wait();
                              c.end(Conversation::End::close_notify);
                              c.carry_on();
                            }},
                       1);
  {
    ClientPerThread clients(server.client(), {.max_threads = 1});
    const auto order = [](const char* body) {
      return Request{.method = Method::post, .body = body};
    };
    in_thread([&] { CHECK(clients.send(order(R"({"client_order_id":"first"})"), soon())); });
    may_end.count_down();
    server.await_done(0);
    in_thread([&] { CHECK(clients.send(order(R"({"client_order_id":"second"})"), soon())); });
    CHECK(clients.status().handshakes == 2);
  }
  const Received received = server.await_all_over();
  CHECK(received.requests == std::map<std::string, int>{{"first", 1}, {"second", 1}});
}

TEST_CASE("a condemned client's connection ends now, and the next lease has a new one") {
  Venue venue;
  ClientPerThread clients(venue.client(), {.max_threads = 1});
  const auto condemn = [&] {
    ClientLease lease = clients.acquire();
    REQUIRE(lease.send(clock_request, soon()));
    lease.condemn("what is on the connection cannot be trusted");
    CHECK(lease.send(clock_request, soon()).fault().cause == Cause::condemned);
    await([&] { return venue.exchange.status().connections_open == 0; });
  };
  SUBCASE("of the same thread") {
    condemn();
    CHECK(place(clients, "after"));
  }
  SUBCASE("of the next thread") {
    in_thread(condemn);
    in_thread([&] { CHECK(place(clients, "after")); });
  }
  CHECK(clients.status().handshakes == 2);
  CHECK(clients.status().condemned == 1);
}

TEST_CASE("an engine's plain calls work through the lease as they are") {
  Venue venue;
  ClientPerThread clients(venue.client());
  ClientLease lease = clients.acquire();
  const auto clock = lease->Get("/v2/clock");
  REQUIRE(clock);
  CHECK(clock->status == 200);
  const auto placed = lease->Post("/v2/orders", order_json("plain-1"), "application/json");
  REQUIRE(placed);
  CHECK(placed->status == 200);
  CHECK(clients.status().handshakes == 1);
}

TEST_CASE("a lease that outlives its source and its thread still places orders") {
  Venue venue;
  ClientLease lease;
  {
    ClientPerThread clients(venue.client());
    in_thread([&] {
      lease = clients.acquire();
      CHECK(lease.send(clock_request, soon()));
    });
  }
  CHECK(lease.send(clock_request, soon()));
  CHECK(venue.exchange.status().handshakes == 1);
  lease.release();
  await([&] { return venue.exchange.status().connections_open == 0; });
}

TEST_CASE("a source that is destroyed closes its connections, though its threads live on") {
  Venue venue;
  std::latch placed(2);
  std::latch gone(1);
  ClientLease kept;
  std::vector<std::jthread> threads;
  {
    ClientPerThread clients(venue.client());
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        CHECK(place(clients, std::to_string(i)));
        if (i == 0) kept = clients.acquire();
        placed.count_down();
        gone.wait();
      });
    }
    placed.wait();
  }
  await([&] { return venue.exchange.status().connections_open == 1; });
  CHECK(kept.send(clock_request, soon()));
  gone.count_down();
  threads.clear();
  kept.release();
  await([&] { return venue.exchange.status().connections_open == 0; });
}

TEST_CASE("close ends a request that hangs, at its deadline and not at the request's") {
  Venue venue({.latency = 1h});
  ClientPerThread clients(venue.client());
  auto order = std::async(std::launch::async, [&] {
    const Outcome outcome = clients.send({.method = Method::post, .path = "/v2/orders"},
                                         std::chrono::steady_clock::now() + 1h);
    // And there is no other to be had.
    CHECK(clients.send(clock_request, soon()).fault().cause == Cause::closed);
    return outcome.fault();
  });
  await([&] { return venue.exchange.status().requests >= 1; });
  const CloseReport report = clients.close(std::chrono::steady_clock::now() + 20ms);
  CHECK(report.cut_off == 1);
  CHECK(report.drained == 0);
  CHECK(order.get().cause == Cause::closed);
  CHECK(venue.exchange.status().handshakes == 1);
  CHECK(clients.status().leased == 0);
}

TEST_CASE("what is given back while close still waits for others is disconnected at once") {
  Venue venue;
  ClientPerThread clients(venue.client());
  ClientLease kept = clients.acquire();
  ClientLease late;
  in_thread([&] { late = clients.acquire(); });
  REQUIRE(kept.send(clock_request, soon()));
  REQUIRE(late.send(clock_request, soon()));
  CloseReport report;
  std::jthread closer([&] { report = clients.close(Deadline::never()); });
  await([&] { return clients.closed(); });
  late.release();
  await([&] { return venue.exchange.status().connections_open == 1; });
  CHECK(kept.send(clock_request, soon()));
  kept.release();
  closer.join();
  CHECK(report.drained == 2);
  CHECK(report.cut_off == 0);
}

TEST_CASE("sources, threads and leases that come and go lose no order and send none twice") {
  Venue venue;
  constexpr int kLines = 4;
  constexpr int kSources = kSanitized ? 3 : 10;
  constexpr int kThreads = 3;
  constexpr int kOrders = 4;
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::atomic<int> others{0};
  const auto count = [&](const Outcome& outcome) {
    // Who was just getting a client is not refused, but has one that is cut off.
    const bool is_closed =
        outcome.fate() == Fate::not_sent && outcome.fault().cause == Cause::closed;
    ++(outcome ? answered : is_closed ? refused : others);
  };
  for (int round = 0; round < kSources; ++round) {
    const bool is_closed = round % 2 == 0;  // before it ends
    auto clients =
        std::make_unique<ClientPerThread>(venue.client(), PerThreadSettings{.max_threads = 8});
    std::vector<ClientLease> left(kLines);  // outlive their source and their thread
    std::latch sending(kLines);
    std::vector<std::jthread> lines;
    for (int line = 0; line < kLines; ++line) {
      lines.emplace_back([&, &source = *clients, line] {
        for (int generation = 0; generation < kThreads; ++generation) {
          in_thread([&] {
            const auto send = [&](int i, auto& through) {
              const std::string id = std::to_string(round) + '-' + std::to_string(line) + '-' +
                                     std::to_string(generation) + '-' + std::to_string(i);
              const std::string body = order_json(id);
              count(through.send(
                  {.method = Method::post, .path = "/v2/orders", .headers = json, .body = body},
                  soon()));
            };
            for (int i = 0; i < kOrders; ++i) send(i, source);
            if (generation + 1 < kThreads) return;
            ClientLease lease = source.try_acquire();
            std::jthread([&] {
              if (lease) send(kOrders, lease);
            }).join();  // the lease moves to another thread and back
            if (!is_closed) left[static_cast<std::size_t>(line)] = std::move(lease);
          });
          if (generation == 0) sending.count_down();
        }
      });
    }
    sending.wait();
    if (is_closed) static_cast<void>(clients->close(soon()));
    lines.clear();
    CHECK(clients->status().leased <= kLines);
    clients.reset();
    left.clear();
  }
  CHECK(others == 0);
  std::set<std::string> ids;
  for (const auto& entry : venue.exchange.ledger()) {
    CHECK(ids.insert(entry.client_order_id).second);
  }
  CHECK(ids.size() == static_cast<std::size_t>(answered));
  await([&] { return venue.exchange.status().connections_open == 0; });
}
