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
#include "support/patient.hpp"
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
