#pragma once

#include <string>
#include <vector>

#include "leasehold/paper/account.hpp"

namespace leasehold {

// Reads a JSON list of accounts, [{"key_id":"...","secret":"..."}, ...]. Throws SettingsError,
// which names the file and the place in it and repeats nothing of what it holds.
std::vector<paper::PaperAccount> accounts_from_file(const std::string& path);

}  // namespace leasehold
