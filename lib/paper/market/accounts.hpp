#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "leasehold/paper/account.hpp"

namespace leasehold::paper::detail {

// Accounts are told apart by their place in the settings. Without any there is one, the first.
inline constexpr std::size_t kFirstAccount = 0;

// The accounts of an exchange and the keys that open them. Immutable.
//
// Thread: any.
class Accounts {
 public:
  // All key ids differ.
  explicit Accounts(std::vector<PaperAccount> accounts = {});
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  // False: whoever asks has the first account.
  bool need_keys() const { return !accounts_.empty(); }
  // The account that a key pair opens; nothing if it opens none. How long it takes says nothing of
  // the secret.
  std::optional<std::size_t> opened_by(std::string_view key_id, std::string_view secret) const;

  const std::vector<PaperAccount>& list() const { return accounts_; }

 private:
  const std::vector<PaperAccount> accounts_;
  std::unordered_map<std::string_view, std::size_t> by_key_id_;  // into accounts_
};

}  // namespace leasehold::paper::detail
