// The windows between a thread's lease and its source's end, forced open, over real connections.
// Compiled with a source of its own that has the marked points.
#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "leasehold/client_per_thread.hpp"
#include "leasehold/httplib.hpp"
#include "support/exchange_requests.hpp"
#include "support/gates.hpp"
#include "support/in_child.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

// Where the builder of a client stands still: whoever closes cannot see the client yet, or can.
constexpr const char* kPoints[] = {"client built", "client added"};

const Request kClock{.path = "/v2/clock"};

// What a thread does first with the source, and what that comes to.
struct First {
  const char* name;
  Fault (*act)(ClientPerThread& clients);
};

Fault fault_of_unsent(const Outcome& outcome) {
  CHECK(outcome.fate() == Fate::not_sent);
  return outcome.fault();
}

constexpr First kFirsts[] = {
    {"send()",
     [](ClientPerThread& clients) { return fault_of_unsent(clients.send(kClock, soon())); }},
    {"a lease's send()",
     [](ClientPerThread& clients) {
       ClientLease lease = clients.acquire();
       return fault_of_unsent(lease.send(kClock, soon()));
     }},
    {"a plain call",
     [](ClientPerThread& clients) {
       ClientLease lease = clients.acquire();
       CHECK_FALSE(lease->Get("/v2/clock"));
       return fault_of_unsent(lease.send(kClock, soon()));
     }},
};

struct Fixture {
  // In a new thread, which has arrived at `point` and stands still.
  std::future<Fault> begin(ClientPerThread& clients, const First& first, const char* point) {
    gates.hold("builder", point);
    auto fault = std::async(std::launch::async, [&clients, act = first.act] {
      const Gates::Here here("builder");
      return act(clients);
    });
    gates.await("builder", point);
    return fault;
  }
  // What had been connected or sent by now, the exchange has seen: its peer waited for that.
  void expect_nothing_sent() const {
    CHECK(venue.exchange.status().handshakes == 0);
    CHECK(venue.exchange.status().requests == 0);
  }

  Gates gates;
  Venue venue;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a client that is built while another thread closes sends nothing") {
  for (const char* const point : kPoints) {
    for (const First& first : kFirsts) {
      CAPTURE(std::string(point));
      CAPTURE(std::string(first.name));
      ClientPerThread clients(venue.client());
      auto fault = begin(clients, first, point);
      const CloseReport report = clients.close(Deadline::Clock::now());
      CHECK(report.cut_off == 1);
      CHECK(report.drained == 0);
      gates.open("builder", point);
      CHECK(fault.get().cause == Cause::closed);
      CHECK(clients.status().leased == 0);
    }
  }
  expect_nothing_sent();
}

TEST_CASE_FIXTURE(Fixture, "nor does it while the one who closes still waits for its lease") {
  for (const char* const point : kPoints) {
    for (const First& first : kFirsts) {
      CAPTURE(std::string(point));
      CAPTURE(std::string(first.name));
      ClientPerThread clients(venue.client());
      auto fault = begin(clients, first, point);
      CloseReport report;
      std::jthread closer([&] { report = clients.close(Deadline::never()); });
      await([&] { return clients.closed(); });
      gates.open("builder", point);
      CHECK(fault.get().cause == Cause::closed);
      closer.join();
      CHECK(report.cut_off == 0);
    }
  }
  expect_nothing_sent();
}

TEST_CASE_FIXTURE(Fixture,
                  "a lease given back while its source is being destroyed keeps no connection") {
  auto clients = std::make_unique<ClientPerThread>(venue.client());
  ClientLease kept = clients->acquire();
  ClientLease late;
  std::thread([&] { late = clients->acquire(); }).join();  // its end is watched now
  REQUIRE(kept->Get("/v2/clock"));
  REQUIRE(late->Get("/v2/clock"));
  CHECK(venue.exchange.status().connections_open == 2);
  gates.hold("releaser", "watched lease ended");
  auto releaser = std::async(std::launch::async, [&] {
    const Gates::Here here("releaser");
    late.release();
  });
  gates.await("releaser", "watched lease ended");  // and nobody has been told
  clients.reset();
  gates.open("releaser", "watched lease ended");
  releaser.get();
  await([&] { return venue.exchange.status().connections_open == 1; });
  CHECK(kept->Get("/v2/clock"));
}

TEST_CASE_FIXTURE(Fixture,
                  "in a forked child threads, leases and sources end, whoever held a lock before") {
  auto clients = std::make_unique<ClientPerThread>(venue.client());
  ClientLease mine;
  ClientLease watched;
  std::future<bool> newcomer;
  const auto before = [&] {
    mine = clients->acquire();
    CHECK(mine.send(kClock, soon()));
    std::thread([&] {
      watched = clients->acquire();
      CHECK(watched.send(kClock, soon()));
    }).join();
    gates.hold("newcomer", "assigning");
    newcomer = std::async(std::launch::async, [&] {
      const Gates::Here here("newcomer");
      return static_cast<bool>(clients->try_acquire());
    });
    gates.await("newcomer", "assigning");  // it holds the lock
  };
  const auto end_all = [&] {
    mine.release();
    watched.release();
    const CloseReport report = clients->close(Deadline::never());
    clients.reset();
    return report.drained == 0 && report.cut_off == 0;
  };
  CHECK(thread_ends_in_child(before, end_all, [&] {
    // Of a thread that has none.
    std::thread([&] {
      CHECK(in_child(
          [&] { return clients->try_acquire().refusal().reason == RefusalReason::closed; }));
    }).join();
    gates.open("newcomer", "assigning");
  }));
  CHECK(newcomer.get());
  CHECK(mine.send(kClock, soon()));
  CHECK(watched.send(kClock, soon()));
  CHECK(venue.exchange.status().handshakes == 2);
}
