// Memory that runs out in the exchange: what was not done whole was not done.
#include <doctest/doctest.h>

#include <cstdint>
#include <new>
#include <string>

#include "paper/order_desk.hpp"
#include "support/allocations.hpp"

using namespace leasehold::paper;
using namespace leasehold::paper::detail;
using namespace leasehold::test;

namespace {

// Too long to be kept within a std::string.
std::string long_id(int number) { return std::string(60, 'x') + std::to_string(number); }

OrderDesk::Decision place(OrderDesk& desk, int number) {
  OrderTerms terms;
  terms.symbol = "AAPL";
  terms.qty = Decimal{1'000'000'000};
  terms.client_order_id = long_id(number);
  return desk.place({}, terms, "order");
}

// True if the desk knows as many orders as its ledger, and no others.
bool has_exactly(const OrderDesk& desk, int orders) {
  const auto ledger = desk.ledger();
  if (ledger.size() != static_cast<std::size_t>(orders)) return false;
  if (desk.count(OrderOutcome::committed) != ledger.size()) return false;
  for (int number = 0; number < orders; ++number) {
    const LedgerEntry& entry = ledger[static_cast<std::size_t>(number)];
    if (entry.seq != static_cast<std::uint64_t>(number) + 1) return false;
    if (entry.outcome != OrderOutcome::committed) return false;
    if (entry.client_order_id != long_id(number) || !desk.find(long_id(number))) return false;
  }
  return !desk.find(long_id(orders));
}

}  // namespace

TEST_CASE("whichever allocation fails, an order is found and in the ledger, or neither") {
  // Containers grow at some orders and not at others.
  for (int before = 0; before < 40; ++before) {
    CAPTURE(before);
    bool placed = false;
    for (std::uint64_t nth = 0; !placed; ++nth) {
      CAPTURE(nth);
      OrderDesk desk([] { return std::int64_t{7}; });
      for (int number = 0; number < before; ++number) REQUIRE(place(desk, number).order);
      try {
        const FailAllocation fail(nth);
        place(desk, before);
        placed = !fail.happened();
      } catch (const std::bad_alloc&) {
        REQUIRE(has_exactly(desk, before));
        REQUIRE(place(desk, before).order);  // the id is free
      }
      REQUIRE(has_exactly(desk, before + 1));
    }
  }
}

TEST_CASE("whichever allocation fails, an order that is refused or a duplicate is counted once") {
  for (const bool duplicate : {false, true}) {
    bool noted = false;
    for (std::uint64_t nth = 0; !noted; ++nth) {
      CAPTURE(nth);
      OrderDesk desk([] { return std::int64_t{7}; });
      for (int number = 0; number < 7; ++number) place(desk, number);
      const std::string id = long_id(0);
      const auto note = [&] {
        if (duplicate) {
          place(desk, 0);
        } else {
          desk.refuse({}, id, 422);
        }
      };
      try {
        const FailAllocation fail(nth);
        note();
        noted = !fail.happened();
      } catch (const std::bad_alloc&) {
        REQUIRE(has_exactly(desk, 7));
        note();
      }
      CHECK(desk.ledger().size() == 8);
      CHECK(desk.count(duplicate ? OrderOutcome::duplicate : OrderOutcome::refused) == 1);
    }
  }
}
