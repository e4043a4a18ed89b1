// What every source of clients promises, whichever it is. No connection is made.
#include "leasehold/client_source.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/nowhere.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

static_assert(ClientSource<ClientPool>);
static_assert(ClientSource<ClientPerThread>);
static_assert(!ClientSource<ClientLease>);

namespace {

// For so many leases at the same time, each in a thread of its own.
template <ClientSource Source>
std::unique_ptr<Source> make(std::size_t size) {
  if constexpr (std::is_same_v<Source, ClientPool>) {
    return std::make_unique<Source>(nowhere(), PoolSettings{.name = "trading", .size = size});
  } else {
    return std::make_unique<Source>(nowhere(),
                                    PerThreadSettings{.name = "trading", .max_threads = size});
  }
}

template <ClientSource Source>
ClientLease acquired_elsewhere(Source& source) {
  return std::async(std::launch::async, [&source] { return source.acquire(); }).get();
}

auto now() { return std::chrono::steady_clock::now(); }

}  // namespace

TEST_CASE_TEMPLATE("every way to acquire gives a client, and it is counted while it is out", Source,
                   ClientPool, ClientPerThread) {
  const auto source = make<Source>(2);
  const AcquireOptions options{.lane = Lane::urgent};
  const auto is_counted = [&](const ClientLease& lease) {
    CHECK(lease);
    CHECK(lease.refusal().reason == RefusalReason::none);
    CHECK(source->status().leased == 1);
    CHECK(source->status().idle == 1);
  };
  is_counted(source->acquire());
  is_counted(source->acquire(options));
  is_counted(source->try_acquire());
  is_counted(source->try_acquire_for(1h));
  is_counted(source->try_acquire_for(0ms, options));
  is_counted(source->try_acquire_until(Deadline::never()));
  is_counted(source->try_acquire_until(now(), options));
  std::stop_source stopped;
  stopped.request_stop();
  is_counted(source->acquire({.stop = stopped.get_token()}));
  CHECK(source->status().leased == 0);
}

TEST_CASE_TEMPLATE("a lease is given back when it ends, wherever that is", Source, ClientPool,
                   ClientPerThread) {
  const auto source = make<Source>(2);
  ClientLease lease = source->acquire();
  ClientLease other = acquired_elsewhere(*source);
  CHECK(&*lease != &*other);
  CHECK(source->status().leased == 2);
  lease = std::move(other);
  CHECK(source->status().leased == 1);
  std::jthread([mine = std::move(lease)] {}).join();
  CHECK(source->status().leased == 0);
}

TEST_CASE_TEMPLATE("who is refused is told why, with counts that add up", Source, ClientPool,
                   ClientPerThread) {
  const auto source = make<Source>(1);
  const ClientLease held = acquired_elsewhere(*source);
  const ClientLease none = source->try_acquire();
  CHECK_FALSE(none);
  CHECK(none.refusal().reason != RefusalReason::none);
  CHECK(none.refusal().size == 1);
  CHECK(none.refusal().leased == 1);
  CHECK(none.refusal().idle == 0);
  const Outcome outcome = source->send({.path = "/"}, now());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().phase == Phase::wait);
  try {
    static_cast<void>(source->acquire({.deadline = now()}));
    FAIL("a second client");
  } catch (const AcquireError& error) {
    CHECK(std::string(error.what()).find("\"trading\" (https://127.0.0.1:1): no client") !=
          std::string::npos);
  }
}

TEST_CASE_TEMPLATE("what is sent nowhere is not sent", Source, ClientPool, ClientPerThread) {
  const auto source = make<Source>(1);
  const PreparedRequest prepared(Method::post, "/v2/orders");
  for (const Outcome& outcome :
       {source->send({.path = "/"}, now() + 1h), source->send(prepared, "{}", now() + 1h)}) {
    CHECK(outcome.fate() == Fate::not_sent);
    CHECK(outcome.fault().cause == Cause::connect_failed);
  }
  std::stop_source stopped;
  stopped.request_stop();
  const Outcome outcome = source->send({.path = "/"}, now() + 1h, {.stop = stopped.get_token()});
  CHECK(outcome.fault().cause == Cause::stopped);
  CHECK(source->send({.path = "/"}, now()).fault().cause == Cause::deadline);
  CHECK(source->status().leased == 0);
}

TEST_CASE_TEMPLATE("a closed source refuses everybody and says so", Source, ClientPool,
                   ClientPerThread) {
  const auto source = make<Source>(2);
  static_cast<void>(source->acquire());
  CHECK_FALSE(source->closed());
  const CloseReport report = source->close(now() + 1h);
  CHECK(report.drained == 0);
  CHECK(report.cut_off == 0);
  CHECK(source->closed());
  CHECK(source->status().closed);
  CHECK(source->try_acquire().refusal().reason == RefusalReason::closed);
  CHECK(source->try_acquire_for(1h).refusal().reason == RefusalReason::closed);
  CHECK(source->send({.path = "/"}, now() + 1h).fault().cause == Cause::closed);
  CHECK_THROWS_AS(static_cast<void>(source->acquire()), AcquireError);
  CHECK(source->close(now()).cut_off == 0);
}

TEST_CASE_TEMPLATE("close waits for leases, and reports what it had to cut off", Source, ClientPool,
                   ClientPerThread) {
  const auto source = make<Source>(3);
  ClientLease slow = source->acquire();
  ClientLease quick = acquired_elsewhere(*source);
  CloseReport report = source->close(now());
  CHECK(report.drained == 0);
  CHECK(report.cut_off == 2);
  std::jthread closer([&] { report = source->close(Deadline::never()); });
  quick.release();
  slow.release();
  closer.join();
  CHECK(report.cut_off == 0);
  CHECK(source->status().leased == 0);
  CHECK(source->status().idle == 3);
}

TEST_CASE_TEMPLATE("a lease outlives its source and stays usable", Source, ClientPool,
                   ClientPerThread) {
  auto source = make<Source>(3);
  ClientLease lease = source->acquire();
  ClientLease other = acquired_elsewhere(*source);
  source.reset();
  CHECK(&*lease != &*other);
  other.condemn("its source is gone, and that harms nobody");
  other.release();
  CHECK(lease);
}

TEST_CASE_TEMPLATE("settings are shown, and nothing is connected when it is made", Source,
                   ClientPool, ClientPerThread) {
  const auto source = make<Source>(3);
  CHECK(source->size() == 3);
  CHECK(source->settings().name == "trading");
  CHECK(source->client_settings().origin == "https://127.0.0.1:1");
  const PoolStatus status = source->status();
  CHECK(status.name == "trading");
  CHECK(status.origin == "https://127.0.0.1:1");
  CHECK(status.size == 3);
  CHECK(status.idle == 3);
  CHECK(status.leased == 0);
  CHECK(status.handshakes == 0);
  CHECK_FALSE(status.closed);
}
