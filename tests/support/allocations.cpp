#include "support/allocations.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace leasehold::test {
namespace {

constexpr std::uint64_t kNone = UINT64_MAX;
thread_local std::uint64_t count = 0;
thread_local std::uint64_t failing = kNone;
thread_local bool failed = false;
std::atomic<std::int64_t> live{0};

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (count++ == failing) {
    failed = true;
    return nullptr;
  }
  if (bytes == 0) bytes = 1;
  void* const memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(bytes)
          : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory != nullptr) live.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  void* const memory = allocate(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void deallocate(void* memory) noexcept {
  if (memory == nullptr) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::uint64_t allocations_by_this_thread() noexcept { return count; }
std::int64_t live_allocations() noexcept { return live.load(std::memory_order_relaxed); }

void* reallocate(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return allocate(bytes, 1);
  if (count++ == failing) {
    failed = true;
    return nullptr;
  }
  return std::realloc(memory, bytes);
}

FailAllocation::FailAllocation(std::uint64_t nth) noexcept {
  failing = count + nth;
  failed = false;
}
FailAllocation::~FailAllocation() { failing = kNone; }
bool FailAllocation::happened() const noexcept { return failed; }

}  // namespace leasehold::test

using leasehold::test::allocate;
using leasehold::test::allocate_or_throw;
using leasehold::test::deallocate;

void* operator new(std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t at) {
  return allocate_or_throw(bytes, static_cast<std::size_t>(at));
}
void* operator new[](std::size_t bytes, std::align_val_t at) {
  return allocate_or_throw(bytes, static_cast<std::size_t>(at));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, 1); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate(bytes, 1);
}
void operator delete(void* memory) noexcept { deallocate(memory); }
void operator delete[](void* memory) noexcept { deallocate(memory); }
void operator delete(void* memory, std::size_t) noexcept { deallocate(memory); }
void operator delete[](void* memory, std::size_t) noexcept { deallocate(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { deallocate(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { deallocate(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { deallocate(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { deallocate(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { deallocate(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { deallocate(memory); }
