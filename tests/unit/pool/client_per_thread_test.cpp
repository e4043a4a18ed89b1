// What is a ClientPerThread's own; client_source_test.cpp has what it shares with the pool. No
// connection is made.
#include "leasehold/client_per_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "leasehold/httplib.hpp"
#include "support/nowhere.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

template <class Body>
void in_thread(Body body) {
  std::jthread(body).join();
}

}  // namespace

TEST_CASE("a thread has one client, and no two threads have the same") {
  ClientPerThread clients(nowhere(), {.max_threads = 4});
  auto* const mine = &*clients.acquire();
  CHECK(&*clients.acquire() == mine);
  CHECK(&*clients.try_acquire() == mine);
  CHECK(clients.threads() == 1);
  in_thread([&] {
    auto* const others = &*clients.acquire();
    CHECK(others != mine);
    CHECK(&*clients.acquire() == others);
    CHECK(clients.threads() == 2);
  });
  CHECK(clients.threads() == 1);
}

TEST_CASE("a thread that holds its client is refused another at once, whoever has the lease") {
  ClientPerThread clients(nowhere(), {.name = "trading", .max_threads = 4});
  ClientLease lease = clients.acquire();
  const auto expect_refused = [&] {
    CHECK(clients.try_acquire_for(1h).refusal().reason == RefusalReason::already_leased);
    try {
      static_cast<void>(clients.acquire());
      FAIL("a second client");
    } catch (const AcquireError& error) {
      CHECK(error.reason() == RefusalReason::already_leased);
      const std::string what = error.what();
      CHECK(what.find("a lease on this thread's own client is out already") != std::string::npos);
      CHECK(what.find("1 leased, 3 idle of 4") != std::string::npos);
      CHECK(what.starts_with("per_thread \"trading\" (https://127.0.0.1:1): "));
    }
  };
  expect_refused();
  std::latch moved(1), ended(1);
  std::jthread holder([&, theirs = std::move(lease)]() mutable {
    moved.count_down();
    ended.wait();
    theirs.release();
  });
  moved.wait();
  expect_refused();
  ended.count_down();
  holder.join();
  CHECK(clients.acquire());
}

TEST_CASE("one thread too many is refused at once, and has a client when another has ended") {
  ClientPerThread clients(nowhere(), {.max_threads = 1});
  in_thread([&] {
    static_cast<void>(clients.acquire());
    in_thread([&] {
      const ClientLease none = clients.try_acquire_for(1h);
      CHECK(none.refusal().reason == RefusalReason::too_many_threads);
      CHECK(none.refusal().sentence() ==
            "no client: max_threads threads have a client already (0 leased, 1 idle of 1; 0 "
            "waiting)");
      const Outcome outcome = clients.send({.path = "/"}, std::chrono::steady_clock::now() + 1h);
      CHECK(outcome.fate() == Fate::not_sent);
      CHECK(outcome.fault().refusal.reason == RefusalReason::too_many_threads);
      CHECK(outcome.fault().cause == Cause::no_client);
    });
  });
  CHECK(clients.acquire());
}

TEST_CASE("a new thread gets the client of one that has ended") {
  ClientPerThread clients(nowhere(), {.max_threads = 8});
  std::array<void*, 3> seen{};
  for (void*& one : seen) in_thread([&] { one = &*clients.acquire(); });
  CHECK(seen[1] == seen[0]);
  CHECK(seen[2] == seen[0]);
  CHECK(clients.threads() == 0);
}

TEST_CASE("a lease outlives the thread that acquired it, and then the client is free") {
  ClientPerThread clients(nowhere(), {.max_threads = 1});
  ClientLease lease;
  in_thread([&] { lease = clients.acquire(); });
  CHECK(clients.threads() == 1);
  CHECK(clients.try_acquire().refusal().reason == RefusalReason::too_many_threads);
  auto* const client = &*lease;
  lease.release();
  CHECK(clients.threads() == 0);
  CHECK(&*clients.acquire() == client);
}

TEST_CASE("a thread uses many sources at once, each with a client of its own") {
  std::vector<std::unique_ptr<ClientPerThread>> sources;
  std::vector<void*> clients;
  for (int i = 0; i < 9; ++i) {  // more than a thread's guesses
    sources.push_back(std::make_unique<ClientPerThread>(nowhere()));
    clients.push_back(&*sources.back()->acquire());
  }
  for (int round = 0; round < 2; ++round) {
    std::vector<ClientLease> leases;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      leases.push_back(sources[i]->acquire());
      CHECK(&*leases.back() == clients[i]);
    }
  }
}

TEST_CASE("a source that takes another's place in memory finds none of its clients") {
  in_thread([] {
    for (int i = 0; i < 20; ++i) {
      ClientPerThread clients(nowhere(), {.max_threads = 1});
      CHECK(clients.threads() == 0);
      const ClientLease lease = clients.acquire();
      CHECK(clients.threads() == 1);
    }
  });
}

TEST_CASE("threads and sources end in any order while leases are used") {
  for (int round = 0; round < 20; ++round) {
    auto clients =
        std::make_unique<ClientPerThread>(nowhere(), PerThreadSettings{.max_threads = 8});
    std::latch leased(4), gone(1);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        ClientLease lease = clients->acquire();
        ClientLease other;
        if (i % 2 == 0) in_thread([&] { other = clients->acquire(); });
        auto* const client = &*lease;
        if (i == 3) lease.release();
        leased.count_down();
        gone.wait();
        if (i != 3) CHECK(&*lease == client);
        if (i == 0) other.release();  // the others as the scope has it
      });
    }
    leased.wait();
    clients.reset();
    gone.count_down();
  }
}

TEST_CASE("settings that cannot be used are refused by name when the source is made") {
  const auto refused = [](ClientSettings client, PerThreadSettings settings) -> std::string {
    try {
      const ClientPerThread made(std::move(client), std::move(settings));
    } catch (const SettingsError& error) {
      return error.field();
    }
    return "";
  };
  CHECK(refused({}, {}) == "client.origin");
  CHECK(refused({.origin = "https://127.0.0.1", .ca_file = "/no/such/file.pem"}, {}) ==
        "client.ca_file");
  CHECK(refused(nowhere(), {.name = ""}) == "per_thread.name");
  CHECK(refused(nowhere(), {.max_threads = 0}) == "per_thread.max_threads");
  CHECK(refused(nowhere(), {.max_threads = 65'537}) == "per_thread.max_threads");
  CHECK(refused(nowhere(), {.max_threads = 65'536}) == "");
}

TEST_CASE("a source shows the settings it was made with, and builds nothing before it is asked") {
  ClientPerThread clients(nowhere(), {.name = "trading", .max_threads = 3});
  CHECK(clients.size() == 3);
  CHECK(clients.settings().name == "trading");
  CHECK(clients.client_settings().origin == "https://127.0.0.1:1");
  const PoolStatus status = clients.status();
  CHECK(status.name == "trading");
  CHECK(status.origin == "https://127.0.0.1:1");
  CHECK(status.size == 3);
  CHECK(status.idle == 3);
  CHECK(status.leased == 0);
  CHECK(clients.threads() == 0);
  CHECK_FALSE(status.closed);
}

TEST_CASE("a condemned client is counted, named, and built anew for its thread's next lease") {
  ClientPerThread clients(nowhere(), {.max_threads = 1});
  ClientLease lease = clients.acquire();
  auto* const before = &*lease;
  lease.condemn(std::string(100, 'x'));
  CHECK(&*lease == before);  // references stay good while the lease lives
  lease.release();
  CHECK(clients.status().condemned == 1);
  CHECK(clients.status().last_condemned == std::string(63, 'x'));
  CHECK(clients.acquire());
  CHECK(clients.threads() == 1);
}

TEST_CASE("a source may end while a thread is inside close, and the last lease ends then") {
  for (int round = 0; round < 50; ++round) {
    auto clients = std::make_unique<ClientPerThread>(nowhere());
    ClientLease lease = clients->acquire();
    CloseReport report;
    std::jthread closer(
        [&report, &source = *clients] { report = source.close(Deadline::never()); });
    while (!clients->closed()) std::this_thread::yield();
    clients.reset();
    lease.release();
    closer.join();
    CHECK(report.drained == 1);
    CHECK(report.cut_off == 0);
  }
}

namespace {

// Acquires while its thread's thread-local objects are destroyed, the library's before it.
struct LateUser {
  ClientPerThread* clients = nullptr;
  bool* served = nullptr;
  ~LateUser() {
    if (clients == nullptr) return;
    const ClientLease first = clients->acquire();
    const ClientLease second = clients->try_acquire();
    *served = first && second && clients->threads() == 2;
  }
};
thread_local LateUser late_user;

}  // namespace

TEST_CASE("a thread that acquires while it ends has a client for each lease, and keeps none") {
  ClientPerThread clients(nowhere(), {.max_threads = 2});
  bool served = false;
  in_thread([&] {
    late_user.clients = &clients;  // made before the library's own, destroyed after it
    late_user.served = &served;
    static_cast<void>(clients.acquire());
  });
  CHECK(served);
  CHECK(clients.threads() == 0);
  CHECK(clients.acquire());
}
