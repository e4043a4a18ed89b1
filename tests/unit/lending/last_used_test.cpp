#include "lending/last_used.hpp"

#include <doctest/doctest.h>

using leasehold::detail::LastUsed;

namespace {

// How many of the desks are not remembered when a thread comes to each in turn, and goes to the
// queue for those.
int forgotten(LastUsed& last, std::uint32_t first, std::uint32_t step, std::uint32_t desks) {
  int count = 0;
  for (std::uint32_t desk = 0; desk < desks; ++desk) {
    const std::uint32_t number = first + desk * step;
    const LastUsed::Entry* const entry = last.find(number);
    if (entry != nullptr && entry->client == number + 1) continue;
    ++count;
    last.remember(number, number + 1);
  }
  return count;
}

}  // namespace

TEST_CASE("nothing is remembered of a desk that the thread never came to") {
  LastUsed last;
  for (std::uint32_t desk = 1; desk < 100; ++desk) CHECK(last.find(desk) == nullptr);
}

TEST_CASE("what is remembered of a desk is what was told last") {
  LastUsed last;
  last.remember(3, 7);
  last.remember(3, 8);
  REQUIRE(last.find(3) != nullptr);
  CHECK(last.find(3)->client == 8);
  last.find(3)->look_at = 5;
  last.remember(3, 9);
  CHECK(last.find(3)->look_at == 5);
}

TEST_CASE("as many desks as there are places are all remembered, whatever their numbers") {
  for (const std::uint32_t step : {1U, 2U, 3U, 8U, 64U}) {
    CAPTURE(step);
    LastUsed last;
    // Those that came before are gone, and do not count for long.
    forgotten(last, 1'000'001, 5, 20);
    for (int round = 0; round < 100; ++round) forgotten(last, 1, step, LastUsed::kPlaces);
    CHECK(forgotten(last, 1, step, LastUsed::kPlaces) == 0);
  }
}

TEST_CASE("a desk that is forgotten for another's sake is not mistaken for it") {
  LastUsed last;
  for (std::uint32_t desk = 1; desk <= 3 * LastUsed::kPlaces; ++desk) last.remember(desk, desk);
  for (std::uint32_t desk = 1; desk <= 3 * LastUsed::kPlaces; ++desk) {
    const LastUsed::Entry* const entry = last.find(desk);
    if (entry != nullptr) CHECK(entry->client == desk);
  }
}
