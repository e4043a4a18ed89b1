#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace leasehold::detail {

// A set of clients' numbers, one bit each: who looks for idle clients need not look at all states.
//
// Thread: all members, from any thread, after construction.
// Cost: set and clear are one atomic operation; each() and empty() read 64 clients at a time, and
//   pass 65,536 that are not in the set in about a microsecond.
class MaybeIdle {
 public:
  // All of them. Throws std::bad_alloc.
  explicit MaybeIdle(std::uint32_t size)
      : words_((size + kBits - 1) / kBits), set_(std::make_unique<Word[]>(words_)) {
    for (std::uint32_t client = 0; client < size; ++client) set(client);
  }

  // seq_cst, as each() is: LendingDesk's invariant 4.
  void set(std::uint32_t client) noexcept {
    set_[client / kBits].fetch_or(bit_of(client), std::memory_order_seq_cst);
  }
  void clear(std::uint32_t client) noexcept {
    set_[client / kBits].fetch_and(~bit_of(client), std::memory_order_seq_cst);
  }

  // A guess: others set and clear meanwhile.
  bool empty() const noexcept {
    for (std::size_t at = 0; at < words_; ++at) {
      if (set_[at].load(std::memory_order_relaxed) != 0) return false;
    }
    return true;
  }

  // use(client) for each that is in the set when its word is read, until one returns false.
  template <class Use>
  void each(Use use) const noexcept {
    for (std::size_t at = 0; at < words_; ++at) {
      for (std::uint64_t left = set_[at].load(std::memory_order_seq_cst); left != 0;
           left &= left - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(left));
        if (!use(static_cast<std::uint32_t>(at * kBits + bit))) return;
      }
    }
  }

 private:
  using Word = std::atomic<std::uint64_t>;
  static constexpr std::uint32_t kBits = 64;
  static constexpr std::uint64_t bit_of(std::uint32_t client) noexcept {
    return std::uint64_t{1} << client % kBits;
  }

  const std::size_t words_;
  const std::unique_ptr<Word[]> set_;
};

}  // namespace leasehold::detail
