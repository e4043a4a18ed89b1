// Leases against a server that is not ours: nginx with TLS.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/nginx.hpp"
#include "support/patient.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

Nginx::Setup serving(const std::string& directives) {
  return {.program = LEASEHOLD_NGINX, .server = directives};
}

const std::string kBody(150, 'o');

}  // namespace

TEST_CASE("leases on nginx keep their connections and answer every thread") {
  const Nginx nginx(serving("keepalive_requests 100000; location / { return 200 answered; }"));
  ClientPool pool(patient_client(nginx.client()), patient_pool({.size = 4}));
  std::atomic<int> answered{0};
  {
    std::vector<std::jthread> tenants;
    for (int t = 0; t < 12; ++t) {
      tenants.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          ClientLease lease = pool.acquire();
          const auto result = lease->Post("/v2/orders", kBody, "application/json");
          if (result && result->status == 200 && result->body == "answered") ++answered;
        }
      });
    }
  }
  CHECK(answered.load() == 1200);
  CHECK(pool.status().handshakes <= 4);
}

TEST_CASE("a client that nginx tells to close connects again and loses no request") {
  const Nginx nginx(serving("keepalive_requests 5; location / { return 200 answered; }"));
  ClientPool pool(patient_client(nginx.client()), patient_pool({.size = 2}));
  for (int i = 0; i < 50; ++i) {
    ClientLease lease = pool.acquire();
    const auto result = lease->Post("/v2/orders", kBody, "application/json");
    REQUIRE(result.error() == httplib::Error::Success);
    CHECK(result->status == 200);
  }
  CHECK(pool.status().handshakes >= 10);
}

TEST_CASE("nginx's redirect is handed to the caller, not followed") {
  const Nginx nginx(serving("location / { return 307 https://127.0.0.1:1/elsewhere; }"));
  ClientPool pool(patient_client(nginx.client()), {.size = 1});
  ClientLease lease = pool.acquire();
  const auto result = lease->Post("/v2/orders", kBody, "application/json");
  REQUIRE(result.error() == httplib::Error::Success);
  CHECK(result->status == 307);
}

TEST_CASE("answers are asked for, and come, without compression") {
  const Nginx nginx(
      serving("gzip on; gzip_types text/plain; gzip_min_length 1; location / { return 200 "
              "$http_accept_encoding; }"));
  ClientPool pool(patient_client(nginx.client()), {.size = 1});
  ClientLease lease = pool.acquire();
  const auto result = lease->Get("/");
  REQUIRE(result.error() == httplib::Error::Success);
  CHECK(result->body == "identity");
  CHECK_FALSE(result->has_header("Content-Encoding"));
}
