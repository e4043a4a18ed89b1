#include "lending/idle_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

using leasehold::detail::IdleQueue;

TEST_CASE("each client that was put in comes out once") {
  IdleQueue queue(100);
  for (std::uint32_t client = 0; client < 100; ++client) REQUIRE(queue.push(client));
  std::set<std::uint32_t> seen;
  for (std::uint32_t client; queue.pop(client);) CHECK(seen.insert(client).second);
  CHECK(seen.size() == 100);
}

TEST_CASE("a queue for one client, and an empty one, work") {
  IdleQueue none(0);
  std::uint32_t client = 0;
  CHECK_FALSE(none.pop(client));
  IdleQueue one(1);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(one.push(0));
    REQUIRE(one.pop(client));
    REQUIRE(client == 0);
    REQUIRE_FALSE(one.pop(client));
  }
}

TEST_CASE("threads that pop and push one another's clients never need memory and lose none") {
  constexpr std::uint32_t clients = 7;
  IdleQueue queue(clients);
  for (std::uint32_t client = 0; client < clients; ++client) REQUIRE(queue.push(client));
  std::vector<std::atomic<bool>> owned(clients);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50'000; ++i) {
        std::uint32_t client = 0;
        if (!queue.pop(client)) continue;
        if (owned[client].exchange(true)) ++wrong;
        owned[client] = false;
        if (!queue.push(client)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  std::uint32_t left = 0;
  for (std::uint32_t client = 0; queue.pop(client);) ++left;
  CHECK(left == clients);
}
