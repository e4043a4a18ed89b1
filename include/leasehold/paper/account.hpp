#pragma once

#include <string>

namespace leasehold::paper {

// Who may trade at an exchange: the key pair that a request shows in its headers APCA-API-KEY-ID
// and APCA-API-SECRET-KEY.
struct PaperAccount {
  // 1 to 128 visible ASCII characters; no two accounts of an exchange have the same. The ledger
  // names the account by it.
  std::string key_id{};
  // 1 to 128 visible ASCII characters. Shown nowhere.
  std::string secret{};
};

}  // namespace leasehold::paper
