#pragma once

#include <string>
#include <string_view>

#include "leasehold/export.hpp"
#include "leasehold/settings.hpp"

namespace leasehold {

// Where settings come from besides code. Each source takes settings and gives them back with the
// fields that it names replaced, so that they can be stacked; the last one has the last word.
//
// Promise: each field that is replaced is checked as validate() does (the rest when a pool or
//   another owner of clients is made, and so is how fields fit together), and whatever is not
//   understood is refused with a SettingsError, never skipped.
// Thread: any; but settings_from_environment() not beside a thread that calls setenv (POSIX).
// Cost: for start-up: each allocates; a file is read whole, up to 1 MiB.

// From a JSON text:
//   {"client": {"origin": "https://api.alpaca.markets", "min_tls": "1.3", "connect_timeout": "2s"},
//    "pool": {"size": 32}}
// Durations are strings with a unit: ms, s, m or h. Unknown names, names there twice, wrong types,
// invalid UTF-8, anything after the object and more than 1 MiB are refused; for what is not JSON at
// all, the error's field is the line and column. A UTF-8 byte order mark is skipped.
LEASEHOLD_API Settings settings_from_json(std::string_view json, Settings base = {});

// The same from a file, whose path then precedes the field in errors; one that cannot be read is a
// SettingsError that says why.
LEASEHOLD_API Settings settings_from_json_file(const std::string& path, Settings base = {});

// From the process's environment: LEASEHOLD_CLIENT_…, LEASEHOLD_POOL_…, LEASEHOLD_PER_THREAD_… and
// LEASEHOLD_CHANNEL_… followed by the field's name in capitals, with the value as in JSON but
// without quotes. An unknown name with these prefixes is refused, and so is one that is nearly
// known (LEASEHOLD_POL_SIZE); but not what Kubernetes sets for a service named leasehold-pool
// (LEASEHOLD_POOL_PORT=tcp://10.0.0.1:443).
LEASEHOLD_API Settings settings_from_environment(Settings base = {});

}  // namespace leasehold
