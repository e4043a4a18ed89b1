// Leases against a real TLS server, with cpp-httplib's own calls.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "leasehold/paper/exchange.hpp"
#include "support/exchange_requests.hpp"
#include "support/loopback_socket.hpp"
#include "support/temporary_folder.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

// What an engine does that uses cpp-httplib below 0.12 on connections that servers may close.
httplib::Result post(ClientLease& lease, const std::string& id) {
  return lease->Post("/v2/orders", order_json(id), "application/json");
}

bool accepted(const httplib::Result& result) { return result && result->status == 200; }

}  // namespace

TEST_CASE("an engine's plain calls work through a lease as they are") {
  Venue venue;
  ClientPool pool(venue.client(), {.size = 1});
  ClientLease lease = pool.acquire();
  const auto clock = lease->Get("/v2/clock");
  REQUIRE(clock);
  CHECK(clock->status == 200);
  const httplib::Headers headers{{"APCA-API-KEY-ID", "key"}};
  const auto placed = lease->Post("/v2/orders", headers, order_json("plain-1"), "application/json");
  REQUIRE(accepted(placed));
  CHECK(placed->body.find("plain-1") != std::string::npos);
  const auto found = lease->Get("/v2/orders:by_client_order_id?client_order_id=plain-1");
  REQUIRE(found);
  CHECK(found->status == 200);
  CHECK(pool.status().handshakes == 1);
}

TEST_CASE("many threads place every order once, over one connection for each client") {
  Venue venue;
  constexpr int threads = 16;
  constexpr int orders = 50;
  ClientPool pool(venue.client(), patient_pool({.size = 4}));
  std::atomic<int> placed{0};
  {
    std::vector<std::jthread> tenants;
    for (int t = 0; t < threads; ++t) {
      tenants.emplace_back([&, t] {
        for (int i = 0; i < orders; ++i) {
          ClientLease lease = pool.acquire();
          if (accepted(post(lease, std::to_string(t) + "-" + std::to_string(i)))) ++placed;
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
  CHECK(pool.status().handshakes <= 4);
  CHECK(pool.status().handshakes == venue.exchange.status().handshakes);
}

TEST_CASE("a client whose connection broke during a lease connects again") {
  ManualTime time;
  Venue venue({.idle_timeout = 60s}, time);
  ClientPool pool(venue.client(), {.size = 1});
  ClientLease lease = pool.acquire();
  REQUIRE(accepted(post(lease, "1")));
  await([&] {
    time.advance(60s);
    return venue.exchange.status().connections_open == 0;
  });
  // Whether this call notices in time depends on cpp-httplib's version; the one after it works.
  static_cast<void>(lease->Get("/v2/clock"));
  lease.release();
  ClientLease next = pool.acquire();
  CHECK(accepted(next->Get("/v2/clock")));
  CHECK(pool.status().handshakes == 2);
}

TEST_CASE("a condemned client's connection ends now, and the next lease has a new one") {
  Venue venue;
  ClientPool pool(venue.client(), {.size = 1});
  {
    ClientLease lease = pool.acquire();
    REQUIRE(accepted(post(lease, "before")));
    CHECK(venue.exchange.status().connections_open == 1);
    lease.condemn("what is on the connection cannot be trusted");
    await([&] { return venue.exchange.status().connections_open == 0; });
  }
  ClientLease lease = pool.acquire();
  REQUIRE(accepted(post(lease, "after")));
  CHECK(venue.exchange.status().connections_accepted == 2);
  CHECK(pool.status().handshakes == 2);
}

TEST_CASE("a lease that outlives its pool still places orders") {
  Venue venue;
  ClientLease lease;
  {
    ClientPool pool(venue.client(), {.size = 2});
    lease = pool.acquire();
    REQUIRE(accepted(post(lease, "1")));
  }
  CHECK(accepted(post(lease, "2")));
  lease.release();
  await([&] { return venue.exchange.status().connections_open == 0; });
}

TEST_CASE("destroying a pool closes its idle connections while a lease is still out") {
  Venue venue;
  ClientLease kept;
  ClientLease returned;
  {
    ClientPool pool(venue.client(), {.size = 3});
    kept = pool.acquire();
    returned = pool.acquire();
    ClientLease idle = pool.acquire();
    REQUIRE(accepted(post(kept, "kept")));
    REQUIRE(accepted(post(returned, "returned")));
    REQUIRE(accepted(post(idle, "idle")));
  }
  await([&] { return venue.exchange.status().connections_open == 2; });
  returned.release();
  await([&] { return venue.exchange.status().connections_open == 1; });
  CHECK(accepted(post(kept, "again")));
}

TEST_CASE("close ends a request that hangs, at its deadline and not at the request's") {
  Venue venue({.latency = 1h});
  ClientPool pool(venue.client(), {.size = 2});
  auto order = std::async(std::launch::async, [&] {
    ClientLease lease = pool.acquire();
    const bool first = accepted(post(lease, "hanging"));
    // A client that was cut off makes no other connection either.
    const bool second = static_cast<bool>(lease->Get("/v2/clock"));
    return first || second;
  });
  await([&] { return venue.exchange.status().requests == 1; });
  const auto report = pool.close(std::chrono::steady_clock::now() + 20ms);
  CHECK(report.cut_off == 1);
  CHECK(report.drained == 0);
  CHECK_FALSE(order.get());
  CHECK(venue.exchange.ledger().size() == 1);
  CHECK(venue.exchange.status().handshakes == 1);
  CHECK(pool.status().idle == 2);
}

TEST_CASE("close lets a request finish that ends in time") {
  Venue venue({.latency = 50ms});
  ClientPool pool(venue.client(), {.size = 1});
  auto order = std::async(std::launch::async, [&] {
    ClientLease lease = pool.acquire();
    const bool answered = accepted(post(lease, "in time"));
    await([&] { return pool.closed(); });
    return answered;
  });
  await([&] { return venue.exchange.status().requests == 1; });
  const auto report = pool.close(std::chrono::steady_clock::now() + 1h);
  CHECK(report.drained == 1);
  CHECK(report.cut_off == 0);
  CHECK(order.get());
}

TEST_CASE("close ends a client that is stuck in the TLS handshake") {
  LoopbackSocket listener;
  listener.listen(1);

  ClientPool pool(patient_client({.origin = listener.origin()}), {.size = 1});
  auto stuck = std::async(std::launch::async, [&] {
    ClientLease lease = pool.acquire();
    return static_cast<bool>(lease->Get("/"));
  });
  const int accepted_one = ::accept(listener.descriptor(), nullptr, nullptr);
  char hello = 0;
  REQUIRE(::read(accepted_one, &hello, 1) == 1);
  CHECK(pool.close(std::chrono::steady_clock::now()).cut_off == 1);
  CHECK_FALSE(stuck.get());
  ::close(accepted_one);
}

TEST_CASE("a connection that never came about is not kept alive") {
  // A listener whose backlog is full answers no more connects; the kernel tries again and again.
  LoopbackSocket listener;
  listener.listen(0);
  const int filler = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(::connect(filler, reinterpret_cast<const sockaddr*>(&listener.address()),
                    sizeof(sockaddr_in)) == 0);

  ClientPool pool({.origin = listener.origin(), .connect_timeout = 50ms}, {.size = 1});
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = descriptors();
  {
    ClientLease lease = pool.acquire();
    CHECK_FALSE(lease->Get("/"));
  }
  CHECK(descriptors() == before);
  ::close(filler);
}

TEST_CASE("a private authority is the only one trusted, whatever the system trusts") {
  // Told before any thread reads the environment.
  const TemporaryFolder system_folder;
  ::setenv("SSL_CERT_FILE", system_folder.path("ca.pem").c_str(), 1);
  Venue venue;
  Venue other;
  system_folder.write("ca.pem", venue.exchange.ca_pem());
  {
    ClientPool system(patient_client({.origin = venue.exchange.origin()}), {.size = 1});
    ClientLease lease = system.acquire();
    CHECK(accepted(lease->Get("/v2/clock")));
  }
  auto client = venue.client();
  client.ca_file = other.client().ca_file;
  ClientPool pool(client, {.size = 1});
  ClientLease lease = pool.acquire();
  const auto before = venue.exchange.status().requests;
  const auto result = lease->Get("/v2/clock");
  CHECK_FALSE(result);
  CHECK(result.error() == httplib::Error::SSLServerVerification);
  CHECK(venue.exchange.status().requests == before);
}

TEST_CASE("a certificate that names another host is refused") {
  Venue venue({.bind = "0.0.0.0"});
  const auto origin = "https://127.0.0.2:" + std::to_string(venue.exchange.port());
  auto client = venue.client();
  client.origin = origin;
  {
    ClientPool pool(client, {.size = 1});
    ClientLease lease = pool.acquire();
    CHECK_FALSE(lease->Get("/v2/clock"));
    CHECK(venue.exchange.status().requests == 0);
  }
  client.verify = false;
  ClientPool pool(client, {.size = 1});
  ClientLease lease = pool.acquire();
  CHECK(accepted(lease->Get("/v2/clock")));
}

TEST_CASE("every client is configured as the settings say") {
  Venue venue;
  auto client = venue.client();
  client.origin = "https://localhost:" + std::to_string(venue.exchange.port());
  client.min_tls = TlsVersion::tls1_3;
  client.keep_alive = false;
  ClientPool pool(client, {.size = 1});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ClientLease lease = pool.acquire();
    CHECK(accepted(lease->Get("/v2/clock")));
    CHECK(pool.status().handshakes == i);
  }
}
