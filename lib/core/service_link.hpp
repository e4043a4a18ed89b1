#pragma once

#include <string_view>

namespace leasehold::detail {

// Whether a variable is one that Kubernetes sets in every container of a namespace for a service
// there: for the service "leasehold-pool" LEASEHOLD_POOL_SERVICE_HOST, LEASEHOLD_POOL_PORT,
// LEASEHOLD_POOL_PORT_443_TCP_ADDR and more. Of their names alone, some could be a setting that
// somebody believes in; so the value must be what Kubernetes writes there, too.
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace leasehold::detail
