#include "lending/maybe_idle.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>
#include <vector>

using leasehold::detail::MaybeIdle;

namespace {

std::vector<std::uint32_t> members(const MaybeIdle& set) {
  std::vector<std::uint32_t> all;
  set.each([&](std::uint32_t client) {
    all.push_back(client);
    return true;
  });
  return all;
}

}  // namespace

TEST_CASE("at first all clients are in the set, and no others") {
  for (const std::uint32_t size : {1U, 63U, 64U, 65U, 1000U}) {
    CAPTURE(size);
    const auto all = members(MaybeIdle(size));
    REQUIRE(all.size() == size);
    for (std::uint32_t client = 0; client < size; ++client) CHECK(all[client] == client);
  }
}

TEST_CASE("a client is in the set unless the last word on it was clear") {
  MaybeIdle set(130);
  for (std::uint32_t client = 0; client < 130; ++client) {
    CHECK_FALSE(set.empty());
    set.clear(client);
    set.clear(client);
  }
  CHECK(set.empty());
  CHECK(members(set).empty());
  for (const std::uint32_t client : {129U, 0U, 64U, 63U, 64U}) set.set(client);
  CHECK_FALSE(set.empty());
  CHECK(members(set) == std::vector<std::uint32_t>{0, 63, 64, 129});
}

TEST_CASE("who has found enough is shown no more") {
  const MaybeIdle set(200);
  std::uint32_t seen = 0;
  set.each([&](std::uint32_t client) {
    seen = client;
    return client < 70;
  });
  CHECK(seen == 70);
}

TEST_CASE("threads that change clients of one word do not undo each other's changes") {
  MaybeIdle set(64);
  std::vector<std::jthread> threads;
  for (std::uint32_t client = 0; client < 8; ++client) {
    threads.emplace_back([&set, client] {
      for (int i = 0; i < 20'000; ++i) {
        set.clear(client);
        set.set(client);
      }
      if (client % 2 != 0) set.clear(client);
    });
  }
  threads.clear();
  const auto left = members(set);
  REQUIRE(left.size() == 60);
  for (std::uint32_t client = 0; client < 8; client += 2) CHECK(left[client / 2] == client);
}
