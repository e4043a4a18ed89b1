#pragma once

#include <cstddef>
#include <vector>

#include "leasehold/alpaca/credentials.hpp"

namespace leasehold::stress {

// The keys of each tenant; none: orders carry no keys.
using Tenants = std::vector<alpaca::Credentials>;

// So many, each with keys that no other has.
Tenants make_tenants(std::size_t count);

// Whose orders a thread places: threads take turns. REQUIRES: there are some.
inline const alpaca::Credentials& tenant_of(const Tenants& tenants, std::size_t thread) {
  return tenants[thread % tenants.size()];
}

}  // namespace leasehold::stress
