#include "system/fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace leasehold::detail {
namespace {

// The kernel rounds it up to a page, in all three calls.
constexpr std::size_t kSize = sizeof(int);

}  // namespace

ForkMark::ForkMark(Way way) {
  void* const page =
      ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  const bool wiped = way == Way::wiped_page && ::madvise(page, kSize, MADV_WIPEONFORK) == 0;
  int* const mark = static_cast<int*>(page);
  *mark = wiped ? kWillBeWiped : ::getpid();
  page_ = mark;
}

ForkMark::~ForkMark() { ::munmap(const_cast<int*>(page_), kSize); }

// A wiped page holds no process's id.
bool ForkMark::is_another_process(int seen) noexcept { return seen != ::getpid(); }

}  // namespace leasehold::detail
