// Memory that runs out in the exchange: what was not done whole was not done.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "paper/market/order_desk.hpp"
#include "paper/routes.hpp"
#include "paper/server/certificate_authority.hpp"
#include "paper/server/event_loop.hpp"
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

TEST_CASE(
    "whichever allocation fails, an order is replaced or open, and all are cancelled or none") {
  for (const bool replaces : {false, true}) {
    bool done = false;
    for (std::uint64_t nth = 0; !done; ++nth) {
      CAPTURE(nth);
      OrderDesk desk([] { return std::int64_t{7}; });
      OrderTerms terms;
      terms.symbol = "AAPL";
      terms.client_order_id = long_id(0);
      const std::string id =
          desk.place({}, terms, "an order's id that is kept elsewhere").order->id;
      terms.client_order_id = long_id(1);
      desk.place({}, terms, "another order's id, as long as the first");
      const std::string by = long_id(2);
      const OrderDesk::Amend amend = [&by](const Order& order) {
        OrderTerms amended = order.terms;
        amended.client_order_id = by;
        return amended;
      };
      const auto act = [&] {
        if (replaces) {
          desk.replace({}, id, by, amend, "the id of the one that takes its place");
        } else {
          desk.cancel_all();
        }
      };
      const auto open = [&desk] { return desk.list({}).size(); };
      try {
        const FailAllocation fail(nth);
        act();
        done = !fail.happened();
      } catch (const std::bad_alloc&) {
        REQUIRE(open() == 2);
        REQUIRE(desk.ledger().size() == 2);
        REQUIRE((desk.find_by_id(id)->status == OrderStatus::fresh));
        act();
      }
      CHECK(open() == (replaces ? 2 : 0));
      CHECK((desk.find_by_id(id)->status ==
             (replaces ? OrderStatus::replaced : OrderStatus::canceled)));
      CHECK(desk.ledger().size() == (replaces ? 3 : 2));
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

TEST_CASE("a connection that there is no memory for is closed and not counted") {
  using namespace std::chrono_literals;
  const ExchangeClock clock;
  OrderDesk desk([&clock] { return clock.at(std::chrono::steady_clock::now()); });
  const Accounts accounts;
  ServerCommons commons{.tls = TlsContext(CertificateAuthority().issue({"localhost"}, {})),
                        .limits = {.idle_timeout = 1h, .stall_timeout = 1h, .max_connections = 1},
                        .time = kSteadyTime};
  EventLoop loop(commons, std::make_unique<Routes>(desk, accounts, clock, 0us));
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const UniqueFd peer(ends[0]);
  UniqueFd socket(ends[1]);
  bool thrown = false;
  try {
    const FailAllocation fail(0);
    loop.adopt(std::move(socket), 1);
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  CHECK(thrown);
  CHECK(commons.counters.open == 0);
  char byte = 0;
  CHECK(::recv(peer.get(), &byte, 1, 0) == 0);
}
