#pragma once

#include <string>

#include "leasehold/export.hpp"

namespace leasehold::alpaca {

// The key pair of an account, which every request of a tenant's carries. Each is 1 to 128 visible
// ASCII characters. Nothing in leasehold prints, logs or throws either of them.
struct Credentials {
  std::string key_id = {};
  std::string secret_key = {};
};

// From APCA_API_KEY_ID and APCA_API_SECRET_KEY, as the venue's own tools read them. Throws
// SettingsError, which names the variable and does not show its value.
// Thread: not beside one that calls setenv (POSIX).
LEASEHOLD_API Credentials credentials_from_environment();

}  // namespace leasehold::alpaca
