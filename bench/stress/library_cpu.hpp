#pragma once

#include <chrono>
#include <optional>

namespace leasehold::stress {

// CPU time so far of leasehold's own threads in this process, whose names tell them, and of all
// threads that have ended: a channel connects, and names are resolved, in threads that live for
// that long. So what it grows by while no other thread ends is the library's. None without /proc.
std::optional<std::chrono::nanoseconds> library_cpu();

}  // namespace leasehold::stress
