#include "stress/account.hpp"

#include <cstdint>

namespace leasehold::stress {
namespace {

struct Seen {  // of one order, in the ledger
  std::uint32_t received = 0;
  bool committed = false;
  bool misdirected = false;
};

LedgerAccount compare(const std::vector<ThreadRecord>& threads, const OrderIds& ids,
                      const Ledger& ledger, LedgerOf whose, const Tenants& tenants) {
  LedgerAccount account;
  std::vector<std::vector<Seen>> seen(threads.size());
  for (std::size_t thread = 0; thread < threads.size(); ++thread) {
    seen[thread].resize(threads[thread].orders.size());
  }
  for (const paper::LedgerEntry& entry : ledger) {
    if (whose == LedgerOf::everybody && !ids.of_this_run(entry.client_order_id)) continue;
    const auto number = ids.number(entry.client_order_id);
    if (!number || number->thread >= seen.size() || number->index >= seen[number->thread].size()) {
      account.strangers.push_back(entry.client_order_id);
      continue;
    }
    Seen& order = seen[number->thread][number->index];
    ++order.received;
    if (entry.outcome == paper::OrderOutcome::committed) order.committed = true;
    if (!tenants.empty() && entry.account != tenant_of(tenants, number->thread).key_id) {
      order.misdirected = true;
    }
  }

  for (std::size_t thread = 0; thread < threads.size(); ++thread) {
    for (std::size_t index = 0; index < seen[thread].size(); ++index) {
      const Seen& order = seen[thread][index];
      const OrderFate fate = threads[thread].orders[index].fate;
      const bool in_doubt = fate == OrderFate::in_doubt || fate == OrderFate::mixed_up;
      if (order.committed) ++account.orders;
      if (order.committed && in_doubt) ++account.in_doubt_committed;
      if (!order.committed && fate == OrderFate::answered)
        account.missing.push_back({thread, index});
      if (order.received > 1) account.twice.push_back({thread, index});
      if (order.received > 0 && fate == OrderFate::not_sent) {
        account.sent_after_all.push_back({thread, index});
      }
      if (order.committed && fate == OrderFate::refused) {
        account.made_after_all.push_back({thread, index});
      }
      if (order.misdirected) account.misdirected.push_back({thread, index});
    }
  }
  return account;
}

}  // namespace

bool Account::adds_up() const {
  if (!mixed_up.empty()) return false;
  return !ledger || (ledger->missing.empty() && ledger->twice.empty() &&
                     ledger->sent_after_all.empty() && ledger->made_after_all.empty() &&
                     ledger->misdirected.empty() && ledger->strangers.empty());
}

Account account_for(const std::vector<ThreadRecord>& threads, const OrderIds& ids,
                    const Ledger* ledger, LedgerOf whose, const Tenants& tenants) {
  Account account;
  for (std::size_t thread = 0; thread < threads.size(); ++thread) {
    const std::vector<OrderRecord>& orders = threads[thread].orders;
    account.orders += orders.size();
    for (std::size_t index = 0; index < orders.size(); ++index) {
      switch (orders[index].fate) {
        case OrderFate::answered:
          ++account.answered;
          break;
        case OrderFate::refused:
          ++account.refused;
          break;
        case OrderFate::not_sent:
          ++account.not_sent;
          break;
        case OrderFate::mixed_up:
          account.mixed_up.push_back({thread, index});
          [[fallthrough]];
        case OrderFate::in_doubt:
          ++account.in_doubt;
          break;
      }
    }
  }
  if (ledger != nullptr) account.ledger = compare(threads, ids, *ledger, whose, tenants);
  return account;
}

}  // namespace leasehold::stress
