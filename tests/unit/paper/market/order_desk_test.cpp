// An id is committed once, and everything that arrived is in the ledger.
#include "paper/market/order_desk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace leasehold::paper;
using namespace leasehold::paper::detail;

namespace {

// Ticks once each time it is asked.
OrderDesk::Clock ticking(std::int64_t& now) {
  return [&now] { return ++now; };
}

OrderTerms terms(const std::string& client_order_id) {
  OrderTerms made;
  made.symbol = "AAPL";
  made.qty = Decimal{1'000'000'000};
  made.client_order_id = client_order_id;
  return made;
}

}  // namespace

TEST_CASE("an order is committed, found by its id, and written down") {
  std::int64_t now = 100;
  OrderDesk desk(ticking(now));
  const auto decision =
      desk.place({.received_ns = 90, .connection = 7, .body_hash = 5}, terms("a"), "order-1");
  REQUIRE(decision.order);
  CHECK(decision.order->id == "order-1");
  CHECK(decision.order->submitted_ns == 90);
  CHECK(decision.order->created_ns == 101);
  REQUIRE(desk.find("a"));
  CHECK(desk.find("a")->id == "order-1");
  CHECK_FALSE(desk.find("b"));

  const std::vector<LedgerEntry> ledger = desk.ledger();
  REQUIRE(ledger.size() == 1);
  CHECK(ledger[0].seq == 1);
  CHECK(ledger[0].seq == decision.seq);
  CHECK(ledger[0].received_ns == 90);
  CHECK(ledger[0].committed_ns == 101);
  CHECK(ledger[0].replied_ns == 0);
  CHECK(ledger[0].connection == 7);
  CHECK(ledger[0].body_hash == 5);
  CHECK(ledger[0].client_order_id == "a");
  CHECK(ledger[0].outcome == OrderOutcome::committed);
  CHECK(ledger[0].status == 200);
}

TEST_CASE("an id that was committed is spent: the second order is not made, but written down") {
  std::int64_t now = 0;
  OrderDesk desk(ticking(now));
  desk.place({}, terms("a"), "order-1");
  const auto second = desk.place({.received_ns = 9, .connection = 2}, terms("a"), "order-2");
  CHECK_FALSE(second.order);
  CHECK(desk.find("a")->id == "order-1");
  const std::vector<LedgerEntry> ledger = desk.ledger();
  REQUIRE(ledger.size() == 2);
  CHECK(ledger[1].outcome == OrderOutcome::duplicate);
  CHECK(ledger[1].status == 422);
  CHECK(ledger[1].committed_ns == 0);
  CHECK(ledger[1].client_order_id == "a");
  CHECK(desk.count(OrderOutcome::committed) == 1);
  CHECK(desk.count(OrderOutcome::duplicate) == 1);
}

TEST_CASE("a refused order leaves its id free") {
  std::int64_t now = 0;
  OrderDesk desk(ticking(now));
  CHECK(desk.refuse({.received_ns = 3}, "a", 422) == 1);
  CHECK_FALSE(desk.find("a"));
  CHECK(desk.place({}, terms("a"), "order-1").order);
  const std::vector<LedgerEntry> ledger = desk.ledger();
  REQUIRE(ledger.size() == 2);
  CHECK(ledger[0].outcome == OrderOutcome::refused);
  CHECK(ledger[0].client_order_id == "a");
  CHECK(ledger[0].status == 422);
  CHECK(desk.count(OrderOutcome::refused) == 1);
}

TEST_CASE("an id is spent in its account and in no other, and each account finds its own order") {
  std::int64_t now = 0;
  OrderDesk desk(ticking(now), {{.key_id = "AK1"}, {.key_id = "AK2"}});
  CHECK(desk.place({.account = 0}, terms("a"), "order-1").order);
  CHECK_FALSE(desk.find("a", 1));
  CHECK(desk.place({.account = 1}, terms("a"), "order-2").order);
  CHECK_FALSE(desk.place({.account = 1}, terms("a"), "order-3").order);
  CHECK(desk.find("a", 0)->id == "order-1");
  CHECK(desk.find("a", 1)->id == "order-2");
  desk.refuse({.account = 1}, "a", 422);
  desk.refuse({.account = std::nullopt}, "a", 401);
  std::vector<std::string> named;
  for (const LedgerEntry& entry : desk.ledger()) named.push_back(entry.account);
  CHECK(named == std::vector<std::string>{"AK1", "AK2", "AK2", "AK2", ""});
}

TEST_CASE("of a refused order's id, no more is kept than an id may have, in whole characters") {
  std::int64_t now = 0;
  OrderDesk desk(ticking(now));
  const auto repeated = [](std::string_view character, int times) {
    std::string text;
    while (times-- > 0) text += character;
    return text;
  };
  for (const std::string_view character : {"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x92\xb6"}) {
    for (const int length : {127, 128, 129, 16'000}) {
      CAPTURE(character);
      CAPTURE(length);
      desk.refuse({}, repeated(character, length), 422);
      CHECK(desk.ledger().back().client_order_id == repeated(character, std::min(length, 128)));
    }
  }
}

TEST_CASE("replies are noted apart from commits, whatever their order") {
  std::int64_t now = 0;
  OrderDesk desk(ticking(now));
  desk.place({}, terms("a"), "order-1");
  desk.place({}, terms("b"), "order-2");
  now = 50;
  desk.replied(2);
  CHECK(desk.ledger()[0].replied_ns == 0);
  CHECK(desk.ledger()[1].replied_ns == 51);
}

TEST_CASE("of many threads with one id, one makes the order") {
  constexpr int kThreads = 8;
  constexpr int kIds = 500;
  std::atomic<std::int64_t> now{0};
  OrderDesk desk([&now] { return ++now; });
  std::atomic<int> made{0};
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        for (int id = 0; id < kIds; ++id) {
          const auto decision = desk.place({}, terms(std::to_string(id)), "order");
          if (decision.order) ++made;
          desk.replied(decision.seq);
        }
      });
    }
  }
  CHECK(made == kIds);
  CHECK(desk.count(OrderOutcome::committed) == kIds);
  CHECK(desk.count(OrderOutcome::duplicate) == kIds * (kThreads - 1));
  std::set<std::string> committed;
  std::uint64_t seq = 0;
  for (const LedgerEntry& entry : desk.ledger()) {
    CHECK(entry.seq == ++seq);
    CHECK(entry.replied_ns > 0);
    if (entry.outcome != OrderOutcome::committed) continue;
    CHECK(committed.insert(entry.client_order_id).second);
  }
  CHECK(committed.size() == kIds);
}
