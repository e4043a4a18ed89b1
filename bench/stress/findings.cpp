#include "stress/findings.hpp"

#include <algorithm>
#include <utility>

namespace leasehold::stress {
namespace {

using Numbers = std::vector<OrderNumber>;

Finding ours(std::string_view heading, std::string_view name, const OrderIds& ids,
             const Numbers* numbers) {
  Finding finding{.heading = heading, .name = name, .orders = std::nullopt, .ids = {}};
  if (numbers == nullptr) return finding;
  finding.orders = numbers->size();
  for (const OrderNumber each : *numbers) {
    if (finding.ids.size() == Finding::kMostIds) break;
    finding.ids.push_back(ids.text(each));
  }
  return finding;
}

}  // namespace

std::vector<Finding> findings(const RunResult& run) {
  const LedgerAccount* const ledger = run.account.ledger ? &*run.account.ledger : nullptr;
  const auto listed = [ledger](Numbers LedgerAccount::*numbers) {
    return ledger != nullptr ? &(ledger->*numbers) : nullptr;
  };
  std::vector<Finding> all = {
      ours("answered with another order's id", "mixed_up", run.ids, &run.account.mixed_up),
      ours("MISSING, answered but not in the ledger", "missing", run.ids,
           listed(&LedgerAccount::missing)),
      ours("TWICE, received more than once", "duplicates", run.ids, listed(&LedgerAccount::twice)),
      ours("RECEIVED, although believed not sent", "received_not_sent", run.ids,
           listed(&LedgerAccount::sent_after_all)),
      ours("MADE, although believed refused", "committed_refused", run.ids,
           listed(&LedgerAccount::made_after_all)),
      ours("MISDIRECTED, received under another tenant's keys", "misdirected", run.ids,
           listed(&LedgerAccount::misdirected)),
  };
  Finding unknown{.heading = "UNKNOWN, received but never sent",
                  .name = "unknown",
                  .orders = std::nullopt,
                  .ids = {},
                  .from_server = true};
  if (ledger != nullptr) {
    const std::vector<std::string>& strangers = ledger->strangers;
    unknown.orders = strangers.size();
    const std::size_t named = std::min(strangers.size(), Finding::kMostIds);
    unknown.ids.assign(strangers.begin(), strangers.begin() + static_cast<std::ptrdiff_t>(named));
  }
  all.push_back(std::move(unknown));
  return all;
}

}  // namespace leasehold::stress
