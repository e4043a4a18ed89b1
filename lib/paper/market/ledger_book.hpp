#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "leasehold/paper/ledger.hpp"

namespace leasehold::paper::detail {

// The append-only record behind Exchange::ledger().
//
// Thread: one at a time.
// Cost: entries() copies all; the others take constant time.
class LedgerBook {
 public:
  // Appends with the next seq, which it returns.
  std::uint64_t append(LedgerEntry entry);
  // Notes when the answer to `seq` had left; once each.
  void replied(std::uint64_t seq, std::int64_t at_ns);

  std::vector<LedgerEntry> entries() const { return {entries_.begin(), entries_.end()}; }
  std::uint64_t count(OrderOutcome outcome) const {
    return counts_[static_cast<std::size_t>(outcome)];
  }

 private:
  std::deque<LedgerEntry> entries_;  // the entry with seq n is at n - 1
  std::array<std::uint64_t, 3> counts_{};
};

}  // namespace leasehold::paper::detail
