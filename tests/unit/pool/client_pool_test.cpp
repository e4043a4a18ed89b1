// ClientPool and ClientLease as an engine uses them; no connection is made.
#include "leasehold/client_pool.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "leasehold/httplib.hpp"
#include "support/nowhere.hpp"
#include "support/patient.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

const ClientSettings& kNowhere = nowhere();

auto soon() { return std::chrono::steady_clock::now() + 10ms; }
constexpr auto kLong = 1h;

void await_waiting(const ClientPool& pool, std::size_t count) {
  for (;;) {
    const auto status = pool.status();
    if (status.waiting_normal + status.waiting_urgent == count) return;
    std::this_thread::yield();
  }
}

static_assert(!std::is_copy_constructible_v<ClientLease>);
static_assert(!std::is_copy_assignable_v<ClientLease>);
static_assert(std::is_nothrow_move_constructible_v<ClientLease>);
static_assert(std::is_nothrow_move_assignable_v<ClientLease>);
static_assert(std::is_nothrow_destructible_v<ClientLease>);
static_assert(noexcept(std::declval<ClientLease&>().release()));
static_assert(!std::is_convertible_v<ClientLease, bool>, "only where a condition asks for it");

}  // namespace

TEST_CASE("each lease has a client of its own") {
  ClientPool pool(kNowhere, {.size = 8});
  std::vector<ClientLease> leases;
  std::set<httplib::SSLClient*> clients;
  for (int i = 0; i < 8; ++i) {
    leases.push_back(pool.acquire());
    CHECK(clients.insert(&*leases.back()).second);
  }
  CHECK(pool.status().leased == 8);
  leases.clear();
  CHECK(pool.status().idle == 8);
}

TEST_CASE("a lease goes back when its scope ends, when it is released, and when it is replaced") {
  ClientPool pool(kNowhere, {.size = 2});
  {
    const ClientLease lease = pool.acquire();
    CHECK(pool.status().leased == 1);
  }
  CHECK(pool.status().leased == 0);
  ClientLease lease = pool.acquire();
  lease.release();
  CHECK(pool.status().leased == 0);
  lease.release();
  CHECK(pool.status().leased == 0);
  lease = pool.acquire();
  lease = pool.acquire();
  CHECK(pool.status().leased == 1);
  lease = ClientLease();
  CHECK(pool.status().leased == 0);
}

TEST_CASE("a lease that is moved leaves an empty one behind") {
  ClientPool pool(kNowhere, {.size = 1});
  ClientLease first = pool.acquire();
  auto* const client = &*first;
  ClientLease second(std::move(first));
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move)
  CHECK(&*second == client);
  ClientLease& same = second;
  second = std::move(same);
  CHECK(second);
  first = std::move(second);
  CHECK(&*first == client);
  CHECK(pool.status().leased == 1);
}

TEST_CASE("an empty lease says why, and using it says so too") {
  ClientPool pool(kNowhere, {.name = "trading", .size = 1});
  const ClientLease never;
  CHECK(never.refusal().reason == RefusalReason::none);
  CHECK_THROWS_AS(*never, EmptyLeaseError);
  ClientLease held = pool.acquire();
  CHECK(held.refusal().reason == RefusalReason::none);
  const ClientLease refused = pool.try_acquire();
  CHECK(refused.refusal().reason == RefusalReason::none_idle);
  CHECK(refused.refusal().leased == 1);
  try {
    static_cast<void>(refused.operator->());
    FAIL("an empty lease was used");
  } catch (const EmptyLeaseError& error) {
    const std::string what = error.what();
    CHECK(what.find(refused.refusal().sentence()) != std::string::npos);
  }
  held.release();
  CHECK_THROWS_AS(*held, EmptyLeaseError);
  held.condemn("nothing happens");
  CHECK(pool.status().condemned == 0);
}

TEST_CASE("acquire throws the whole diagnosis") {
  ClientPool pool(kNowhere, {.name = "trading", .acquire_timeout = 5ms, .size = 2});
  const ClientLease a = pool.acquire();
  const ClientLease b = pool.acquire();
  try {
    static_cast<void>(pool.acquire());
    FAIL("a third client");
  } catch (const AcquireError& error) {
    CHECK(error.reason() == RefusalReason::timed_out);
    CHECK(error.refusal().waited >= 5ms);
    CHECK(error.refusal().leased == 2);
    const std::string what = error.what();
    CAPTURE(what);
    for (const char* const part : {"trading", "https://127.0.0.1:1", "2 leased", "0 idle"}) {
      CHECK(what.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("every way to wait ends with its reason") {
  ClientPool pool(kNowhere, {.acquire_timeout = 1h, .size = 1, .max_waiting = 1});
  const ClientLease held = pool.acquire();
  CHECK(pool.try_acquire_for(1ms).refusal().reason == RefusalReason::timed_out);
  CHECK(pool.try_acquire_for(0ms).refusal().reason == RefusalReason::timed_out);
  CHECK(pool.try_acquire_for(-1s).refusal().reason == RefusalReason::timed_out);
  CHECK(pool.try_acquire_until(soon()).refusal().reason == RefusalReason::timed_out);
  std::stop_source stopped;
  stopped.request_stop();
  CHECK(pool.try_acquire_for(kLong, {.stop = stopped.get_token()}).refusal().reason ==
        RefusalReason::stopped);
  CHECK_THROWS_AS(static_cast<void>(pool.acquire({.stop = stopped.get_token()})), AcquireError);

  std::jthread waiter([&](const std::stop_token& stop) {
    CHECK(pool.try_acquire_for(std::chrono::nanoseconds::max(), {.stop = stop}).refusal().reason ==
          RefusalReason::stopped);
  });
  await_waiting(pool, 1);
  CHECK(pool.try_acquire_for(kLong).refusal().reason == RefusalReason::line_full);
  try {
    static_cast<void>(pool.acquire());
    FAIL("the line is full");
  } catch (const AcquireError& error) {
    CHECK(error.reason() == RefusalReason::line_full);
  }
  waiter.request_stop();
}

TEST_CASE("for ever is for ever, in whatever unit it is said") {
  ClientPool pool(kNowhere, {.size = 1});
  const ClientLease held = pool.acquire();
  const auto waits = [&pool](auto acquire) {
    std::jthread waiter([&](const std::stop_token& stop) {
      CHECK(acquire(AcquireOptions{.stop = stop}).refusal().reason == RefusalReason::stopped);
    });
    await_waiting(pool, 1);
    waiter.request_stop();
  };
  const auto for_ever = [&](auto length) {
    waits([&, length](const AcquireOptions& ask) { return pool.try_acquire_for(length, ask); });
    CHECK(pool.try_acquire_for(-length).refusal().reason == RefusalReason::timed_out);
  };
  for_ever(std::chrono::nanoseconds::max());
  for_ever(std::chrono::microseconds::max());
  for_ever(std::chrono::milliseconds::max());
  for_ever(std::chrono::seconds::max());
  for_ever(std::chrono::minutes::max());
  for_ever(std::chrono::hours::max());
  for_ever(std::chrono::duration<double>(1e100));
  using InSeconds = std::chrono::time_point<std::chrono::steady_clock, std::chrono::seconds>;
  waits([&](const AcquireOptions& ask) { return pool.try_acquire_until(InSeconds::max(), ask); });
  CHECK(pool.try_acquire_until(InSeconds::min()).refusal().reason == RefusalReason::timed_out);
}

TEST_CASE("a deadline of the options ends the wait, and replaces acquire's own timeout") {
  ClientPool pool(kNowhere, {.acquire_timeout = 1h, .size = 1});
  const ClientLease held = pool.acquire();
  const AcquireOptions over{.deadline = std::chrono::steady_clock::now()};
  CHECK(pool.try_acquire_for(kLong, over).refusal().reason == RefusalReason::timed_out);
  CHECK(pool.try_acquire_until(Deadline::never(), over).refusal().reason ==
        RefusalReason::timed_out);
  CHECK_THROWS_AS(static_cast<void>(pool.acquire(over)), AcquireError);
  const AcquireOptions later{.deadline = Deadline::never()};
  CHECK(pool.try_acquire_for(0ms, later).refusal().reason == RefusalReason::timed_out);

  ClientPool hasty(kNowhere, {.acquire_timeout = 0ms, .size = 1});
  ClientLease only = hasty.acquire();
  std::jthread patient([&] { CHECK(hasty.acquire(later)); });
  await_waiting(hasty, 1);
  only.release();
}

TEST_CASE("a stopped thread still gets what is idle") {
  ClientPool pool(kNowhere, {.size = 1});
  std::stop_source stopped;
  stopped.request_stop();
  CHECK(pool.acquire({.stop = stopped.get_token()}));
}

TEST_CASE("an urgent acquire is served before a normal one that came earlier") {
  ClientPool pool(kNowhere, {.size = 1});
  ClientLease held = pool.acquire();
  std::vector<std::string> served;  // guarded by the only client
  std::jthread poll([&] {
    const ClientLease lease = pool.try_acquire_for(kLong);
    served.emplace_back("poll");
  });
  await_waiting(pool, 1);
  std::jthread cancel([&] {
    const ClientLease lease = pool.try_acquire_for(kLong, {.lane = Lane::urgent});
    served.emplace_back("cancel");
  });
  await_waiting(pool, 2);
  CHECK(pool.status().waiting_urgent == 1);
  held.release();
  poll.join();
  cancel.join();
  CHECK(served == std::vector<std::string>{"cancel", "poll"});
}

TEST_CASE("a closed pool refuses everybody and says so") {
  ClientPool pool(kNowhere, {.size = 2});
  const auto report = pool.close(soon());
  CHECK(report.drained == 0);
  CHECK(report.cut_off == 0);
  CHECK(pool.closed());
  CHECK(pool.status().closed);
  CHECK(pool.status().idle == 2);
  CHECK(pool.try_acquire().refusal().reason == RefusalReason::closed);
  CHECK(pool.try_acquire_for(kLong).refusal().reason == RefusalReason::closed);
  try {
    static_cast<void>(pool.acquire());
    FAIL("leased from a closed pool");
  } catch (const AcquireError& error) {
    CHECK(error.reason() == RefusalReason::closed);
  }
  CHECK(pool.close(soon()).cut_off == 0);
}

TEST_CASE("close waits until the last lease is back") {
  ClientPool pool(kNowhere, {.size = 3});
  ClientLease quick = pool.acquire();
  ClientLease slow = pool.acquire();
  CloseReport report;
  std::jthread closer([&] { report = pool.close(std::chrono::steady_clock::now() + kLong); });
  while (!pool.closed()) std::this_thread::yield();
  quick.release();
  slow.release();
  closer.join();
  CHECK(report.drained == 2);
  CHECK(report.cut_off == 0);
  CHECK(pool.status().idle == 3);
}

TEST_CASE("close reports what it had to cut off, and what comes back later is collected") {
  ClientPool pool(kNowhere, {.size = 3});
  ClientLease slow = pool.acquire();
  const auto report = pool.close(std::chrono::steady_clock::now());
  CHECK(report.drained == 0);
  CHECK(report.cut_off == 1);
  CHECK(pool.status().leased == 1);
  slow.release();
  CHECK(pool.status().idle == 3);
  CHECK(pool.close(soon()).cut_off == 0);
}

TEST_CASE("close wakes everybody who waits") {
  ClientPool pool(kNowhere, {.size = 1});
  ClientLease held = pool.acquire();
  std::vector<std::jthread> waiters;
  std::atomic<int> refused{0};
  for (int i = 0; i < 8; ++i) {
    waiters.emplace_back([&] {
      if (pool.try_acquire_for(kLong).refusal().reason == RefusalReason::closed) ++refused;
    });
  }
  await_waiting(pool, 8);
  static_cast<void>(pool.close(soon()));
  waiters.clear();
  CHECK(refused == 8);
}

TEST_CASE("a lease outlives its pool and stays usable") {
  ClientLease lease;
  ClientLease other;
  {
    ClientPool pool(kNowhere, {.size = 3});
    lease = pool.acquire();
    other = pool.acquire();
  }
  CHECK(&*lease != &*other);
  other.condemn("its pool is gone, and that harms nobody");
  other.release();
  CHECK_THROWS_AS(*other, EmptyLeaseError);
  CHECK(lease);
}

TEST_CASE("a pool may be destroyed while threads wait in line") {
  for (int round = 0; round < 50; ++round) {
    auto pool = std::make_unique<ClientPool>(kNowhere, patient_pool({.name = "gone", .size = 1}));
    ClientLease held = pool->acquire();
    std::vector<std::jthread> waiters;
    std::atomic<int> refused{0};
    for (int i = 0; i < 2; ++i) {
      waiters.emplace_back([&refused, &pool = *pool] {
        try {
          const ClientLease lease = pool.acquire();
        } catch (const AcquireError& error) {
          const std::string what = error.what();
          if (error.reason() == RefusalReason::closed && what.find("gone") != std::string::npos) {
            ++refused;
          }
        }
      });
    }
    await_waiting(*pool, 2);
    pool.reset();
    held.release();
    waiters.clear();
    CHECK(refused == 2);
  }
}

TEST_CASE("a pool may be destroyed while a thread is inside close, and its last lease ends then") {
  for (int round = 0; round < 50; ++round) {
    auto pool = std::make_unique<ClientPool>(kNowhere, PoolSettings{.size = 2});
    ClientLease lease = pool->acquire();
    CloseReport report;
    std::jthread closer([&report, &pool = *pool] { report = pool.close(Deadline::never()); });
    while (!pool->closed()) std::this_thread::yield();
    pool.reset();
    lease.release();
    closer.join();
    CHECK(report.drained == 1);
    CHECK(report.cut_off == 0);
  }
}

TEST_CASE("a condemned client is counted, named, and built anew for the next lease") {
  ClientPool pool(kNowhere, {.size = 1});
  ClientLease lease = pool.acquire();
  auto* const before = &*lease;
  const std::string reason(100, 'x');
  lease.condemn(reason);
  CHECK(&*lease == before);  // references stay good while the lease lives
  CHECK(pool.status().condemned == 1);
  CHECK(pool.status().last_condemned == std::string(63, 'x'));
  lease.release();
  CHECK(pool.status().idle == 1);
  lease = pool.acquire();
  lease.condemn("again");
  CHECK(pool.status().condemned == 2);
  CHECK(pool.status().last_condemned == "again");
}

TEST_CASE("settings that cannot be used are refused by name when the pool is made") {
  const auto refused = [](ClientSettings client, PoolSettings pool) -> std::string {
    try {
      const ClientPool made(std::move(client), std::move(pool));
    } catch (const SettingsError& error) {
      return error.field();
    }
    return "";
  };
  CHECK(refused({}, {}) == "client.origin");
  CHECK(refused({.origin = "http://127.0.0.1"}, {}) == "client.origin");
  CHECK(refused({.origin = "https://127.0.0.1", .ca_file = "/no/such/file.pem"}, {}) ==
        "client.ca_file");
  CHECK(refused({.origin = "https://127.0.0.1", .ca_file = "/"}, {}) == "client.ca_file");
  CHECK(refused({.origin = "https://127.0.0.1", .ca_file = "/etc/hostname"}, {}) ==
        "client.ca_file");
  CHECK(refused({.origin = "https://127.0.0.1", .connect_timeout = 0ms}, {}) ==
        "client.connect_timeout");
  CHECK(refused(kNowhere, {.size = 0}) == "pool.size");
  CHECK(refused(kNowhere, {.size = 1}) == "");
}

TEST_CASE("a pool shows the settings it was made with") {
  const ClientPool pool(kNowhere, {.name = "trading", .size = 3});
  CHECK(pool.size() == 3);
  CHECK(pool.settings().name == "trading");
  CHECK(pool.client_settings().origin == "https://127.0.0.1:1");
  const auto status = pool.status();
  CHECK(status.name == "trading");
  CHECK(status.origin == "https://127.0.0.1:1");
  CHECK(status.size == 3);
  CHECK(status.handshakes == 0);
  CHECK_FALSE(status.closed);
}
