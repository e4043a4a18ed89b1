// The windows between a lease's end and its pool's, forced open, over real connections. Compiled
// with a desk and a pool of its own that have the protocol's marked points.
#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <string>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/exchange_requests.hpp"
#include "support/gates.hpp"
#include "support/in_child.hpp"
#include "support/patient.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;

TEST_CASE("a lease given back while its pool is being destroyed does not keep its connection") {
  Gates gates;
  Venue venue;
  auto pool = std::make_unique<ClientPool>(venue.client(), patient_pool({.size = 2}));
  ClientLease kept = pool->acquire();
  ClientLease late = pool->acquire();
  REQUIRE(kept->Get("/v2/clock"));
  REQUIRE(late->Get("/v2/clock"));
  CHECK(venue.exchange.status().connections_open == 2);
  gates.hold("releaser", "before freeing");
  auto releaser = std::async(std::launch::async, [&] {
    const Gates::Here here("releaser");
    late.release();
  });
  gates.await("releaser", "before freeing");  // it saw an open pool
  pool.reset();
  gates.open("releaser", "before freeing");
  releaser.get();
  await([&] { return venue.exchange.status().connections_open == 1; });
  CHECK(kept->Get("/v2/clock"));
}

TEST_CASE("in a forked child leases and pools end, whoever held a lock or stood in line before") {
  Gates gates;
  Venue venue;
  const Request clock{.path = "/v2/clock"};
  auto pool = std::make_unique<ClientPool>(venue.client(), patient_pool({.size = 2}));
  ClientLease first = pool->acquire();
  ClientLease other = pool->acquire();
  CHECK(first.send(clock, soon()));
  CHECK(other.send(clock, soon()));
  const auto end_in_child = [&] {
    return in_child([&] {
      first.release();
      const CloseReport report = pool->close(Deadline::never());
      pool.reset();
      other.release();
      return report.drained == 0 && report.cut_off == 0;
    });
  };
  auto waiter = std::async(std::launch::async, [&] { return pool->acquire().send(clock, soon()); });
  await([&] { return pool->status().waiting_normal == 1; });
  CHECK(end_in_child());
  first.release();
  CHECK(waiter.get());
  first = pool->acquire();

  gates.hold("closer", "closed");
  auto closer = std::async(std::launch::async, [&] {
    const Gates::Here here("closer");
    return pool->close(Deadline::never());
  });
  gates.await("closer", "closed");  // it holds the lock
  CHECK(end_in_child());
  gates.open("closer", "closed");
  CHECK(first.send(clock, soon()));
  CHECK(other.send(clock, soon()));
  CHECK(venue.exchange.status().handshakes == 2);
  first.release();
  other.release();
  CHECK(closer.get().drained == 2);
}
