#pragma once

namespace leasehold::detail {

// Links that are somewhere else, in the order in which they came: each has `before` and `behind`.
//
// Thread: guarded by the caller's lock.
// Cost: constant, and no allocation.
template <class Link>
class Chain {
 public:
  bool empty() const noexcept { return first_ == nullptr; }

  // REQUIRES: it is in no chain.
  void append(Link& link) noexcept {
    link.before = last_;
    (last_ != nullptr ? last_->behind : first_) = &link;
    last_ = &link;
  }

  // From wherever it stands. REQUIRES: it is in this chain.
  void remove(Link& link) noexcept {
    (link.before != nullptr ? link.before->behind : first_) = link.behind;
    (link.behind != nullptr ? link.behind->before : last_) = link.before;
    link.before = link.behind = nullptr;
  }

  // Takes out the first; null if there is none.
  Link* pop() noexcept {
    Link* const link = first_;
    if (link == nullptr) return nullptr;
    first_ = link->behind;
    (first_ != nullptr ? first_->before : last_) = nullptr;
    link->behind = nullptr;
    return link;
  }

 private:
  Link* first_ = nullptr;
  Link* last_ = nullptr;
};

}  // namespace leasehold::detail
