#pragma once

#include <optional>
#include <string_view>

#include "stress/account.hpp"

namespace leasehold::stress {

// The answer to GET /_sim/ledger, as far as an account needs it: client_order_id and outcome of
// each entry. None if it is not a ledger, or not all of one, or could be read as several.
std::optional<Ledger> ledger_from_json(std::string_view json);

}  // namespace leasehold::stress
