#pragma once

#include <string>

namespace leasehold::alpaca::detail {

// A random UUID (RFC 9562, version 4): no other has it, in whichever process, on whichever machine,
// before or after a fork or a restart. Empty if the system has no random numbers to give. Throws
// std::bad_alloc.
// Cost: a system call.
std::string new_client_order_id();

}  // namespace leasehold::alpaca::detail
