#pragma once

#include <string>
#include <vector>

#include "leasehold/paper/exchange.hpp"

namespace leasehold::paper::detail {

// Throws SettingsError for the first field out of range, named as in "ExchangeSettings.io_threads".
void validate(const ExchangeSettings& settings);

// The host to write into a URL for a server bound to this literal: brackets around IPv6, loopback
// for "any address".
std::string reachable_host(const std::string& bind);

// The addresses that a server bound to this literal is reached by, for its certificate.
std::vector<std::string> certified_addresses(const std::string& bind);

}  // namespace leasehold::paper::detail
