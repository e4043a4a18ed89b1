// The account of orders that leasehold-stress gives.
#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "stress/account.hpp"

using namespace leasehold::stress;
using leasehold::paper::OrderOutcome;

namespace {

const OrderIds ids(1, 0xfeed, 0);

std::vector<ThreadRecord> sent(const std::vector<std::vector<OrderFate>>& fates) {
  std::vector<ThreadRecord> threads;
  for (const std::vector<OrderFate>& of_thread : fates) {
    ThreadRecord& thread = threads.emplace_back();
    for (const OrderFate fate : of_thread) thread.orders.push_back({.fate = fate});
  }
  return threads;
}

// A ledger, entry by entry.
class Book {
 public:
  Book& with(OrderNumber number, OrderOutcome outcome = OrderOutcome::committed) {
    return with_id(ids.text(number), outcome);
  }
  Book& with_id(const std::string& id, OrderOutcome outcome = OrderOutcome::committed) {
    leasehold::paper::LedgerEntry entry;
    entry.client_order_id = id;
    entry.outcome = outcome;
    ledger_.push_back(entry);
    return *this;
  }
  // The last one's account.
  Book& of(const std::string& key_id) {
    ledger_.back().account = key_id;
    return *this;
  }
  operator const Ledger*() const { return &ledger_; }

 private:
  Ledger ledger_;
};

using Numbers = std::vector<OrderNumber>;

// By a ledger that holds the run's orders only.
Account account_of(const std::vector<ThreadRecord>& threads, const Ledger* ledger) {
  return account_for(threads, ids, ledger, LedgerOf::this_run);
}

}  // namespace

TEST_CASE("orders that are answered and committed once are all there is to say") {
  const Account account =
      account_of(sent({{OrderFate::answered, OrderFate::answered}, {OrderFate::answered}}),
                 Book().with({0, 0}).with({1, 0}).with({0, 1}));
  CHECK(account.orders == 3);
  CHECK(account.answered == 3);
  CHECK(account.not_sent == 0);
  CHECK(account.in_doubt == 0);
  REQUIRE(account.ledger.has_value());
  CHECK(account.ledger->orders == 3);
  CHECK(account.ledger->missing.empty());
  CHECK(account.ledger->twice.empty());
  CHECK(account.adds_up());
}

TEST_CASE("an order that was answered and is not in the ledger is missing") {
  const Account account =
      account_of(sent({{OrderFate::answered, OrderFate::answered}, {OrderFate::answered}}),
                 Book().with({0, 0}));
  CHECK(account.ledger->orders == 1);
  CHECK(account.ledger->missing == Numbers{{0, 1}, {1, 0}});
  CHECK_FALSE(account.adds_up());
}

TEST_CASE("an order that was answered and is in the ledger as refused is missing") {
  const Account account =
      account_of(sent({{OrderFate::answered}}), Book().with({0, 0}, OrderOutcome::refused));
  CHECK(account.ledger->orders == 0);
  CHECK(account.ledger->missing == Numbers{{0, 0}});
}

TEST_CASE("an order that was received more than once is there twice, executed twice or not") {
  const Account account = account_of(
      sent({{OrderFate::answered, OrderFate::answered, OrderFate::answered, OrderFate::in_doubt}}),
      Book()
          .with({0, 0})
          .with({0, 0})
          .with({0, 0})
          .with({0, 1}, OrderOutcome::refused)
          .with({0, 1})
          .with({0, 2})
          .with({0, 3})
          .with({0, 3}, OrderOutcome::duplicate));
  CHECK(account.ledger->orders == 4);
  CHECK(account.ledger->twice == Numbers{{0, 0}, {0, 1}, {0, 3}});
  CHECK(account.ledger->missing.empty());
  CHECK_FALSE(account.adds_up());
}

TEST_CASE("an order in doubt is never missing; the ledger says what became of it") {
  const Account account =
      account_of(sent({{OrderFate::in_doubt, OrderFate::in_doubt, OrderFate::in_doubt}}),
                 Book().with({0, 1}).with({0, 2}, OrderOutcome::refused));
  CHECK(account.in_doubt == 3);
  CHECK(account.ledger->in_doubt_committed == 1);
  CHECK(account.ledger->missing.empty());
  CHECK(account.adds_up());
}

TEST_CASE("an order believed not sent and received all the same does not add up") {
  const Account honest = account_of(sent({{OrderFate::not_sent}}), Book());
  CHECK(honest.not_sent == 1);
  CHECK(honest.adds_up());

  for (const OrderOutcome outcome : {OrderOutcome::committed, OrderOutcome::refused}) {
    const Account account = account_of(sent({{OrderFate::not_sent}}), Book().with({0, 0}, outcome));
    CHECK(account.ledger->sent_after_all == Numbers{{0, 0}});
    CHECK_FALSE(account.adds_up());
  }
}

TEST_CASE("an order believed refused, and committed all the same, does not add up") {
  const auto threads = sent({{OrderFate::refused, OrderFate::refused, OrderFate::refused}});
  const Account honest = account_of(threads, Book().with({0, 1}, OrderOutcome::refused));
  CHECK(honest.refused == 3);
  CHECK(honest.orders == 3);
  CHECK(honest.adds_up());

  const Account account = account_of(threads, Book().with({0, 2}));
  CHECK(account.ledger->made_after_all == Numbers{{0, 2}});
  CHECK_FALSE(account.adds_up());
}

TEST_CASE("an order under another tenant's keys, or under none, does not add up") {
  const Tenants tenants = make_tenants(2);
  const auto threads = sent({{OrderFate::answered}, {OrderFate::answered}, {OrderFate::answered}});
  // Of the first tenant, the second, and the first again.
  const auto by = [&](const std::string& first, const std::string& second,
                      const std::string& third) {
    const Book book = Book().with({0, 0}).of(first).with({1, 0}).of(second).with({2, 0}).of(third);
    return account_for(threads, ids, book, LedgerOf::this_run, tenants);
  };
  const std::string one = tenants[0].key_id;
  const std::string two = tenants[1].key_id;
  CHECK(by(one, two, one).adds_up());
  CHECK(by(two, two, one).ledger->misdirected == Numbers{{0, 0}});
  CHECK(by(one, two, two).ledger->misdirected == Numbers{{2, 0}});
  CHECK(by(one, "", one).ledger->misdirected == Numbers{{1, 0}});
  CHECK_FALSE(by(one, "", one).adds_up());
}

TEST_CASE("an order answered with another's id is in doubt, and does not add up") {
  const auto threads = sent({{OrderFate::answered, OrderFate::mixed_up}});
  const Account account = account_of(threads, Book().with({0, 0}).with({0, 1}));
  CHECK(account.in_doubt == 1);
  CHECK(account.mixed_up == Numbers{{0, 1}});
  CHECK(account.ledger->in_doubt_committed == 1);
  CHECK_FALSE(account.adds_up());
  CHECK_FALSE(account_of(threads, nullptr).adds_up());
}

TEST_CASE("an id of this run that no order of it has does not add up") {
  // The second thread was interrupted after one order.
  const auto threads = sent({{OrderFate::answered, OrderFate::answered}, {OrderFate::answered}});
  const Book right = Book().with({0, 0}).with({0, 1}).with({1, 0});
  CHECK(account_of(threads, right).adds_up());
  for (const std::string& id :
       {ids.text({1, 1}), ids.text({2, 0}), ids.prefix() + "1", ids.prefix()}) {
    const Account account = account_of(threads, Book(right).with_id(id));
    CHECK(account.ledger->strangers == std::vector<std::string>{id});
    CHECK(account.ledger->orders == 3);
    CHECK_FALSE(account.adds_up());
  }
}

TEST_CASE("what was received under any other id does not add up where nobody else has orders") {
  const auto threads = sent({{OrderFate::answered, OrderFate::in_doubt}});
  const OrderIds other_run(1, 0xfeed, 1);
  const std::string garbled = "x" + ids.text({0, 1}).substr(1);
  for (const std::string& id :
       {garbled, other_run.text({0, 1}), std::string("by-hand"), std::string()}) {
    for (const OrderOutcome outcome :
         {OrderOutcome::committed, OrderOutcome::duplicate, OrderOutcome::refused}) {
      const Account account = account_of(threads, Book().with({0, 0}).with_id(id, outcome));
      CHECK(account.ledger->strangers == std::vector<std::string>{id});
      CHECK(account.ledger->orders == 1);
      CHECK_FALSE(account.adds_up());
    }
  }
}

TEST_CASE("other runs' orders are nobody's concern where everybody has orders") {
  const OrderIds other_run(1, 0xfeed, 1);
  const Book book =
      Book().with({0, 0}).with_id(other_run.text({0, 0})).with_id("").with_id("by-hand");
  const Account account =
      account_for(sent({{OrderFate::answered}}), ids, book, LedgerOf::everybody);
  CHECK(account.ledger->orders == 1);
  CHECK(account.ledger->strangers.empty());
  CHECK(account.adds_up());

  const std::string stranger = ids.text({0, 1});
  const Account with_stranger = account_for(sent({{OrderFate::answered}}), ids,
                                            Book(book).with_id(stranger), LedgerOf::everybody);
  CHECK(with_stranger.ledger->strangers == std::vector<std::string>{stranger});
  CHECK_FALSE(with_stranger.adds_up());
}

TEST_CASE("without a ledger nothing is said of missing orders") {
  const Account account =
      account_of(sent({{OrderFate::answered, OrderFate::in_doubt, OrderFate::not_sent}}), nullptr);
  CHECK(account.orders == 3);
  CHECK_FALSE(account.ledger.has_value());
  CHECK(account.adds_up());
}

TEST_CASE("whatever happens, each order has one fate and each flaw is found") {
  std::mt19937_64 random(20);  // NOLINT(cert-msc51-cpp): the same orders every time
  const auto dice = [&random](std::size_t sides) { return random() % sides; };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<OrderFate>> fates(dice(4));
    Book book;
    Numbers missing, twice, sent_after_all, made_after_all, mixed_up;
    std::size_t orders = 0, committed = 0;
    for (std::size_t thread = 0; thread < fates.size(); ++thread) {
      fates[thread].resize(dice(20));
      for (std::size_t index = 0; index < fates[thread].size(); ++index) {
        const OrderNumber number{thread, index};
        const auto fate = static_cast<OrderFate>(dice(5));
        const std::size_t commits = dice(3);
        fates[thread][index] = fate;
        ++orders;
        for (std::size_t i = 0; i < commits; ++i) book.with(number);
        if (commits > 0) ++committed;
        if (fate == OrderFate::answered && commits == 0) missing.push_back(number);
        if (fate == OrderFate::not_sent && commits > 0) sent_after_all.push_back(number);
        if (fate == OrderFate::refused && commits > 0) made_after_all.push_back(number);
        if (fate == OrderFate::mixed_up) mixed_up.push_back(number);
        if (commits > 1) twice.push_back(number);
      }
    }
    const Account account = account_of(sent(fates), book);
    CHECK(account.orders == orders);
    CHECK(account.answered + account.refused + account.not_sent + account.in_doubt == orders);
    CHECK(account.ledger->orders == committed);
    CHECK(account.ledger->missing == missing);
    CHECK(account.ledger->twice == twice);
    CHECK(account.ledger->sent_after_all == sent_after_all);
    CHECK(account.ledger->made_after_all == made_after_all);
    CHECK(account.mixed_up == mixed_up);
    CHECK(account.adds_up() == (missing.empty() && twice.empty() && sent_after_all.empty() &&
                                made_after_all.empty() && mixed_up.empty()));
  }
}
