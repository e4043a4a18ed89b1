#include "stress/tenants.hpp"

#include <string>

namespace leasehold::stress {

Tenants make_tenants(std::size_t count) {
  Tenants tenants;
  for (std::size_t number = 1; number <= count; ++number) {
    const std::string digits = std::to_string(number);
    tenants.push_back({.key_id = "PKSTRESS" + digits, .secret_key = "of-tenant-" + digits});
  }
  return tenants;
}

}  // namespace leasehold::stress
