#pragma once

#include <cstdint>
#include <optional>

namespace leasehold::stress {

// Bytes that this process has allocated and not freed, all threads together. None where the C
// library does not tell. (Not what is resident: what one run has freed stays so, and the next run
// would seem to take less.)
std::optional<std::uint64_t> heap_in_use();

}  // namespace leasehold::stress
