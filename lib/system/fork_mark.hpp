#pragma once

#include <cstdint>

namespace leasehold::detail {

// Tells a process from the one that it was forked from: a page that the kernel hands to a child
// wiped (MADV_WIPEONFORK). Where the kernel cannot (before Linux 4.14) it holds the process's id,
// and only a descendant that was given the same one, after its owner had ended, is taken for it.
//
// Thread: all members, from any thread.
// Cost: a page; asking is one load of memory that nobody writes, or a system call where the kernel
//   wipes nothing.
class ForkMark {
 public:
  // How it is told; process_id, for tests, as if the kernel could not wipe.
  enum class Way : std::uint8_t { wiped_page, process_id };

  // Throws std::bad_alloc.
  explicit ForkMark(Way way = Way::wiped_page);
  ~ForkMark();
  ForkMark(const ForkMark&) = delete;
  ForkMark& operator=(const ForkMark&) = delete;

  // Whether this process is not the one that made the mark.
  bool forked() const noexcept {
    const int seen = *page_;
    return seen != kWillBeWiped && is_another_process(seen);
  }

 private:
  static constexpr int kWillBeWiped = -1;  // no process's id, and not what a wiped page holds

  static bool is_another_process(int seen) noexcept;

  const volatile int* page_;  // kWillBeWiped, 0 once it was, or the process's id
};

}  // namespace leasehold::detail
