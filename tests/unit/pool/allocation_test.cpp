// Memory: none on the hot path, and none lost when there is too little.
#include <doctest/doctest.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <stop_token>
#include <thread>

#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/allocations.hpp"
#include "support/desk.hpp"
#include "support/sanitizer.hpp"

#ifdef LEASEHOLD_LEAK_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

using namespace leasehold;
using namespace leasehold::test;

namespace {

const ClientSettings kNowhere{.origin = "https://127.0.0.1:1"};

// OpenSSL's memory is counted, and fails, like the rest. It wants to be told before its first use,
// and libraries use it while they are loaded: so before any of them is initialised.
bool openssl_counted = false;
[[gnu::used, gnu::section(".preinit_array")]] void (*const count_openssl)() = [] {
  openssl_counted =
      CRYPTO_set_mem_functions(
          [](std::size_t bytes, const char*, int) { return ::operator new(bytes, std::nothrow); },
          [](void* memory, std::size_t bytes, const char*, int) {
            return reallocate(memory, bytes);
          },
          [](void* memory, const char*, int) { ::operator delete(memory); }) == 1;
};

}  // namespace

TEST_CASE("the count sees an allocation, and a failing one fails") {
  // Called by name: a new-expression may be optimised away.
  const auto before = allocations_by_this_thread();
  ::operator delete(::operator new(1));
  CHECK(allocations_by_this_thread() == before + 1);
  const FailAllocation fail(1);
  ::operator delete(::operator new(1));
  CHECK_THROWS_AS(::operator delete(::operator new(1)), std::bad_alloc);
  CHECK(fail.happened());
}

TEST_CASE("acquire and release allocate nothing") {
  ClientPool pool(kNowhere, {.size = 4});
  const std::stop_source stop;
  const auto before = allocations_by_this_thread();
  for (int i = 0; i < 10'000; ++i) {
    ClientLease a = pool.acquire();
    ClientLease b = pool.acquire({.lane = Lane::urgent, .stop = stop.get_token()});
    ClientLease c = pool.try_acquire();
    ClientLease d = pool.try_acquire_for(std::chrono::seconds(1));
    const ClientLease none = pool.try_acquire();
    if (!(a && b && c && d) || none) FAIL("4 clients, 4 leases");
    b.release();
    ClientLease moved(std::move(a));
    c = std::move(moved);
  }
  CHECK(allocations_by_this_thread() == before);
}

TEST_CASE("a thread's own client is leased again and again without memory") {
  ClientPerThread clients(kNowhere, {.max_threads = 4});
  static_cast<void>(clients.acquire());
  const auto before = allocations_by_this_thread();
  for (int i = 0; i < 10'000; ++i) {
    ClientLease lease = clients.acquire();
    const ClientLease none = clients.try_acquire();
    if (!lease || none) FAIL("one client, one lease");
    ClientLease moved(std::move(lease));
    moved.release();
    if (!clients.try_acquire_for(std::chrono::seconds(1))) FAIL("it was given back");
  }
  CHECK(allocations_by_this_thread() == before);
}

TEST_CASE("waiting in line, timing out and being served allocate nothing") {
  ClientPool pool(kNowhere, {.size = 1});
  for (int round = 0; round < 100; ++round) {
    ClientLease held = pool.acquire();
    std::uint64_t allocated = 1;
    std::atomic<bool> out_of_time{false};
    std::jthread waiter([&](const std::stop_token& stop) {
      const auto before = allocations_by_this_thread();
      const bool timed_out = !pool.try_acquire_for(std::chrono::milliseconds(1));
      out_of_time = true;
      const bool served =
          static_cast<bool>(pool.try_acquire_for(std::chrono::hours(1), {.stop = stop}));
      allocated = allocations_by_this_thread() - before;
      CHECK(timed_out);
      CHECK(served);
    });
    while (!out_of_time || pool.status().waiting_normal == 0) std::this_thread::yield();
    const auto before = allocations_by_this_thread();
    held.release();
    CHECK(allocations_by_this_thread() == before);
    waiter.join();
    CHECK(allocated == 0);
  }
}

TEST_CASE("clients wander between threads without memory") {
  // Every release by another thread than the one before: each goes through the queue.
  ManualClock clock;
  const DeskOwner desk = make_desk(3, clock);
  std::uint64_t allocated = 0;
  for (int round = 0; round < 200; ++round) {
    std::jthread stranger([&] {
      const auto before = allocations_by_this_thread();
      const auto a = desk->take_idle();
      const auto b = desk->take_idle();
      give_back(desk.get(), a);
      give_back(desk.get(), b);
      allocated += allocations_by_this_thread() - before;
    });
  }
  CHECK(allocated == 0);
}

namespace {

constexpr auto nothing = [] {};

// Fails each allocation of make() in turn. How many of them left memory behind, that settle() does
// not free.
template <class Make, class Settle = decltype(nothing)>
int leaks(Make make, Settle settle = nothing) {
#ifdef LEASEHOLD_LEAK_SANITIZER
  const __lsan::ScopedDisabler counted_here;  // upstream's leaks, below, are not to end the program
#endif
  int leaky = 0;
  bool complete = false;
  for (std::uint64_t nth = 0; !complete; ++nth) {
    settle();
    const auto live = live_allocations();
    {
      const FailAllocation fail(nth);
      try {
        make();
        complete = !fail.happened();
      } catch (const std::exception&) {
        // Passed on by the library, or turned into an error of its own.
      }
    }
    ERR_clear_error();
    settle();
    if (live_allocations() != live) ++leaky;
  }
  return leaky;
}

}  // namespace

TEST_CASE("whichever allocation fails in construction, the pool leaks nothing") {
  REQUIRE(openssl_counted);
  // An empty trust store: parsing the system's certificates takes 50,000 allocations.
  ::setenv("SSL_CERT_FILE", "/nonexistent", 1);
  ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
  const auto make_pool = [] { const ClientPool pool(kNowhere, {.size = 2}); };
  leaks(make_pool);  // OpenSSL fills caches once, on errors too
  // cpp-httplib's constructor itself loses its SSL_CTX if there is no memory for the host's name.
  const int upstream = leaks([] { const httplib::SSLClient client("127.0.0.1", 1); });
  CHECK(leaks(make_pool) == 2 * upstream);
}

TEST_CASE("whichever allocation fails, a client per thread leaks nothing, and is had at last") {
  REQUIRE(openssl_counted);
  const auto use = [] {
    ClientPerThread clients(kNowhere, {.max_threads = 2});
    static_cast<void>(clients.acquire());
  };
  // What a thread remembers of its last source, it forgets with the next.
  leaks(use, use);
  const int upstream = leaks([] { const httplib::SSLClient client("127.0.0.1", 1); });
  CHECK(leaks(use, use) == upstream);
}

TEST_CASE("a client that cannot be built refuses, and the thread's next acquire has it") {
  ClientPerThread clients(kNowhere, {.max_threads = 1});
  {
    const FailAllocation fail(0);
    const ClientLease none = clients.try_acquire();
    CHECK(fail.happened());
    CHECK(none.refusal().reason == RefusalReason::out_of_memory);
    CHECK(none.refusal().leased == 0);
  }
  CHECK(clients.status().leased == 0);
  clients.acquire().condemn("test");
  {
    const FailAllocation fail(0);
    CHECK(clients.try_acquire().refusal().reason == RefusalReason::out_of_memory);
    CHECK(fail.happened());
  }
  CHECK(clients.acquire());
}

TEST_CASE("a condemned client that cannot be built anew refuses, and the next acquire has it") {
  ClientPool pool(kNowhere, {.size = 1});
  pool.acquire().condemn("test");
  {
    const FailAllocation fail(0);
    const ClientLease none = pool.try_acquire();
    CHECK(fail.happened());
    CHECK_FALSE(none);
    CHECK(none.refusal().reason == RefusalReason::out_of_memory);
  }
  CHECK(pool.status().idle == 1);
  CHECK(pool.acquire());
}
