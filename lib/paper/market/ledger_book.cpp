#include "paper/market/ledger_book.hpp"

#include <utility>

namespace leasehold::paper::detail {

std::uint64_t LedgerBook::append(LedgerEntry entry) {
  entry.seq = entries_.size() + 1;
  const auto outcome = static_cast<std::size_t>(entry.outcome);
  entries_.push_back(std::move(entry));
  ++counts_[outcome];
  return entries_.size();
}

void LedgerBook::replied(std::uint64_t seq, std::int64_t at_ns) {
  entries_.at(seq - 1).replied_ns = at_ns;
}

}  // namespace leasehold::paper::detail
