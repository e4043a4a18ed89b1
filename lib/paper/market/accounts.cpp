#include "paper/market/accounts.hpp"

#include <utility>

namespace leasehold::paper::detail {

namespace {

// Looks at each character of `given`, wherever the first difference is.
bool equal_in_constant_time(std::string_view given, std::string_view secret) {
  unsigned difference = given.size() == secret.size() ? 0U : 1U;
  for (std::size_t at = 0; at < given.size(); ++at) {
    const char wanted = secret[at % secret.size()];
    difference |= static_cast<unsigned char>(given[at]) ^ static_cast<unsigned char>(wanted);
  }
  return difference == 0;
}

}  // namespace

Accounts::Accounts(std::vector<PaperAccount> accounts) : accounts_(std::move(accounts)) {
  for (std::size_t at = 0; at < accounts_.size(); ++at) {
    by_key_id_.emplace(accounts_[at].key_id, at);
  }
}

std::optional<std::size_t> Accounts::opened_by(std::string_view key_id,
                                               std::string_view secret) const {
  const auto account = by_key_id_.find(key_id);
  if (account == by_key_id_.end()) return std::nullopt;
  if (!equal_in_constant_time(secret, accounts_[account->second].secret)) return std::nullopt;
  return account->second;
}

}  // namespace leasehold::paper::detail
