#pragma once

#include <cstddef>
#include <utility>

namespace leasehold::detail {

// Links that are somewhere else, in the order in which they came: each has `previous` and `next`.
//
// Thread: guarded by the caller's lock.
// Cost: constant, and no allocation.
template <class Link>
class Chain {
 public:
  Chain() = default;
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  bool empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }
  // Null if there is none.
  Link* first() const noexcept { return first_; }

  // REQUIRES: it is in no chain.
  void push(Link& link) noexcept {
    link.previous = last_;
    (last_ != nullptr ? last_->next : first_) = &link;
    last_ = &link;
    ++size_;
  }
  // Takes all of the other's.
  void append(Chain& others) noexcept {
    if (others.empty()) return;
    others.first_->previous = last_;
    (last_ != nullptr ? last_->next : first_) = std::exchange(others.first_, nullptr);
    last_ = std::exchange(others.last_, nullptr);
    size_ += std::exchange(others.size_, 0);
  }

  // From wherever it stands. REQUIRES: it is in this chain.
  void remove(Link& link) noexcept {
    (link.previous != nullptr ? link.previous->next : first_) = link.next;
    (link.next != nullptr ? link.next->previous : last_) = link.previous;
    link.previous = link.next = nullptr;
    --size_;
  }

  // Takes out the first; null if there is none.
  Link* pop() noexcept {
    Link* const link = first_;
    if (link != nullptr) remove(*link);
    return link;
  }

 private:
  Link* first_ = nullptr;
  Link* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace leasehold::detail
