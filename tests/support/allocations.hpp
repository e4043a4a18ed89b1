#pragma once

#include <cstddef>
#include <cstdint>

namespace leasehold::test {

// The program's operator new, counted; linking allocations.cpp replaces it.

// Allocations by the calling thread since it started.
std::uint64_t allocations_by_this_thread() noexcept;

// While it lives, the calling thread's allocation number `nth` (0: the next) throws std::bad_alloc;
// those before and after succeed.
class FailAllocation {
 public:
  explicit FailAllocation(std::uint64_t nth) noexcept;
  ~FailAllocation();
  FailAllocation(const FailAllocation&) = delete;
  FailAllocation& operator=(const FailAllocation&) = delete;

  bool happened() const noexcept;
};

// For C libraries: as realloc(), of memory from operator new.
void* reallocate(void* memory, std::size_t bytes) noexcept;

// Memory from operator new that has not been returned, by all threads, in blocks.
std::int64_t live_allocations() noexcept;

}  // namespace leasehold::test
