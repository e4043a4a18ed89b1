#pragma once

#include <utility>

namespace leasehold::detail {

// What an element needs to be in a heap.
template <class Element>
struct HeapHook {
  Element* child = nullptr;   // its first
  Element* next = nullptr;    // sibling
  Element* before = nullptr;  // sibling, or the parent of a first child; null: the root, or outside
};

// The first of some elements, by `Before`: a pairing heap of elements that are somewhere else, from
// which any of them can be taken. A copy is the same elements: one of the two is to be forgotten.
//
// Thread: guarded by the caller's lock.
// Cost: no allocation, no recursion. push() and top() are constant; erase() takes logarithmic time,
//   on average over all that were.
template <class Element, HeapHook<Element> Element::*hook, class Before>
class PairingHeap {
 public:
  bool empty() const noexcept { return root_ == nullptr; }
  // Null if there is none.
  Element* top() const noexcept { return root_; }

  // REQUIRES: it is in no heap by this hook.
  void push(Element& element) noexcept { root_ = merge(root_, &element); }

  // REQUIRES: it is in this heap.
  void erase(Element& element) noexcept {
    HeapHook<Element>& links = element.*hook;
    Element* const orphans = merge_all(std::exchange(links.child, nullptr));
    if (root_ == &element) {
      root_ = orphans;
      return;
    }
    HeapHook<Element>& before = links.before->*hook;
    (before.child == &element ? before.child : before.next) = links.next;
    if (links.next != nullptr) (links.next->*hook).before = links.before;
    links.next = links.before = nullptr;
    root_ = merge(root_, orphans);
  }

 private:
  // Of two roots; either may be null.
  static Element* merge(Element* one, Element* other) noexcept {
    if (one == nullptr) return other;
    if (other == nullptr) return one;
    if (Before()(*other, *one)) std::swap(one, other);
    HeapHook<Element>& parent = one->*hook;
    HeapHook<Element>& child = other->*hook;
    child.next = parent.child;
    if (child.next != nullptr) (child.next->*hook).before = other;
    child.before = one;
    parent.child = other;
    return one;
  }

  // A root of siblings: in pairs from the first to the last, and then all from the last to the
  // first. That order is what makes the time logarithmic.
  static Element* merge_all(Element* first) noexcept {
    Element* pairs = nullptr;
    while (first != nullptr) {
      Element* const one = first;
      Element* const other = (one->*hook).next;
      first = other != nullptr ? (other->*hook).next : nullptr;
      cut_off(one);
      if (other != nullptr) cut_off(other);
      Element* const pair = merge(one, other);
      (pair->*hook).next = pairs;
      pairs = pair;
    }
    Element* root = nullptr;
    while (pairs != nullptr) {
      Element* const pair = pairs;
      pairs = std::exchange((pair->*hook).next, nullptr);
      root = merge(root, pair);
    }
    return root;
  }

  static void cut_off(Element* element) noexcept {
    (element->*hook).next = (element->*hook).before = nullptr;
  }

  Element* root_ = nullptr;
};

}  // namespace leasehold::detail
