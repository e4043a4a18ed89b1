#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leasehold/paper/ledger.hpp"
#include "stress/order.hpp"
#include "stress/record.hpp"
#include "stress/tenants.hpp"

namespace leasehold::stress {

using Ledger = std::vector<paper::LedgerEntry>;

// Whose orders an exchange takes, and its ledger holds.
enum class LedgerOf : std::uint8_t {
  this_run,  // nobody else's: whatever it received must be an order of the run
  everybody  // what lacks the run's prefix counts as somebody else's
};

// What the exchange's ledger says about a run's orders.
struct LedgerAccount {
  std::size_t orders = 0;  // in the ledger as committed, each counted once

  // Answered, and not committed.
  std::vector<OrderNumber> missing;
  // Received by the exchange more than once, whether or not it was executed more than once.
  std::vector<OrderNumber> twice;
  // Believed not sent, and received all the same.
  std::vector<OrderNumber> sent_after_all;
  // Believed refused, and committed.
  std::vector<OrderNumber> made_after_all;
  // Received under the keys of another tenant, or without any.
  std::vector<OrderNumber> misdirected;
  // Received under an id that none of the run's orders has, which may be any text.
  std::vector<std::string> strangers;

  // Of the orders in doubt: executed or not, which only the ledger knows. None of them is missing.
  std::size_t in_doubt_committed = 0;
};

// The orders of a run. Of those begun, each is exactly one of answered, refused, not sent and in
// doubt.
struct Account {
  std::size_t orders = 0;  // begun; all of them, unless the run was interrupted
  std::size_t answered = 0;
  std::size_t refused = 0;
  std::size_t not_sent = 0;
  std::size_t in_doubt = 0;
  std::vector<OrderNumber> mixed_up;    // of those in doubt: the answer was another order's
  std::optional<LedgerAccount> ledger;  // none if the server keeps none

  // Every order is where it must be, those in doubt either way.
  bool adds_up() const;
};

// `ledger`: null if there is none. `tenants`: see Tenants.
Account account_for(const std::vector<ThreadRecord>& threads, const OrderIds& ids,
                    const Ledger* ledger, LedgerOf whose, const Tenants& tenants = {});

}  // namespace leasehold::stress
