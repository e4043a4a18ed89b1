#include "stress/heap.hpp"

#include <malloc.h>

namespace leasehold::stress {

std::optional<std::uint64_t> heap_in_use() {
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 info = ::mallinfo2();
  // Of the arenas, and mapped for one allocation each. A sanitizer's allocator says 0.
  if (info.uordblks + info.hblkhd != 0) return info.uordblks + info.hblkhd;
#endif
#endif
  return std::nullopt;
}

}  // namespace leasehold::stress
