#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace leasehold::detail {

// The clients that a thread used last, of the desks it came to last; guesses, checked by the claim.
//
// Thread: each has its own.
// Cost: a desk that is remembered is found at once, or by a look at all entries if its place is
//   another's. One that is not remembered takes the place of one that is: the thread pays for that
//   with a way through the queue, and for more desks than there are places again and again.
class LastUsed {
 public:
  struct Entry {
    std::uint32_t desk;  // its number; 0: none
    std::uint32_t client;
    std::uint32_t look_at;  // where claim_unshared() goes on
  };

  // Null: not remembered.
  Entry* find(std::uint32_t desk) noexcept {
    Entry& place = entries_[desk % kPlaces];
    if (place.desk == desk) [[likely]]
      return &place;
    return find_elsewhere(desk);
  }

  void remember(std::uint32_t desk, std::uint32_t client) noexcept {
    Entry* const known = find(desk);
    (known != nullptr ? *known : make_room(desk)).client = client;
  }

  static constexpr std::size_t kPlaces = 8;

 private:
  Entry* find_elsewhere(std::uint32_t desk) noexcept {
    for (Entry& entry : entries_) {
      if (entry.desk == desk) return &entry;
    }
    return nullptr;
  }

  // In its own place if that is free, else in each in turn: so that as many desks as there are
  // places come to have one each, whatever their numbers, though some of the others may be gone.
  Entry& make_room(std::uint32_t desk) noexcept {
    Entry& own = entries_[desk % kPlaces];
    Entry& entry = own.desk == 0 ? own : entries_[next_++ % kPlaces];
    entry = {.desk = desk, .client = 0, .look_at = 0};
    return entry;
  }

  std::array<Entry, kPlaces> entries_{};
  std::uint32_t next_ = 0;
};

}  // namespace leasehold::detail
