#include "channel/pairing_heap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

using leasehold::detail::HeapHook;
using leasehold::detail::PairingHeap;

namespace {

struct Element {
  int key = 0;
  bool inside = false;
  HeapHook<Element> hook = {};
};
struct Before {
  bool operator()(const Element& one, const Element& other) const { return one.key < other.key; }
};
using Heap = PairingHeap<Element, &Element::hook, Before>;

// Takes out all, one first after the other.
std::vector<int> drained(Heap& heap) {
  std::vector<int> keys;
  while (Element* const first = heap.top()) {
    heap.erase(*first);
    keys.push_back(first->key);
  }
  return keys;
}

}  // namespace

TEST_CASE("a heap without elements has no first") {
  Heap heap;
  CHECK(heap.empty());
  CHECK(heap.top() == nullptr);
}

TEST_CASE("elements come out in order, in whatever order they were put in") {
  std::vector<Element> elements(7);
  std::vector<int> order{0, 1, 2, 3, 4, 5, 6};
  const std::vector<int> sorted = order;
  do {
    Heap heap;
    for (const int key : order) {
      Element& element = elements[static_cast<std::size_t>(key)];
      element.key = key;
      heap.push(element);
    }
    REQUIRE(drained(heap) == sorted);
    REQUIRE(heap.empty());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("elements of the same rank all come out") {
  std::vector<Element> elements(100);
  Heap heap;
  for (Element& element : elements) heap.push(element);
  CHECK(drained(heap) == std::vector<int>(100, 0));
}

TEST_CASE("an element that was taken out may be put in anew, with another rank or elsewhere") {
  Element one{.key = 1}, two{.key = 2}, three{.key = 3};
  Heap heap, other;
  for (Element* const each : {&one, &two, &three}) heap.push(*each);
  heap.erase(one);
  one.key = 4;
  heap.push(one);
  heap.erase(two);
  other.push(two);
  CHECK(heap.top() == &three);
  CHECK(other.top() == &two);
  CHECK(drained(heap) == std::vector<int>{3, 4});
}

TEST_CASE("the first is the least, whatever was put in and taken out before") {
  std::mt19937 random(7);
  std::vector<Element> elements(300);
  Heap heap;
  std::multiset<int> inside;
  const auto take_out = [&](Element& element) {
    heap.erase(element);
    element.inside = false;
    inside.erase(inside.find(element.key));
  };
  for (int step = 0; step < 100'000; ++step) {
    Element& element = elements[random() % elements.size()];
    const auto dice = random() % 100;
    if (element.inside) {
      take_out(element);
    } else if (dice < 80) {
      element.key = static_cast<int>(random() % 200);  // so that some are alike
      element.inside = true;
      heap.push(element);
      inside.insert(element.key);
    }
    if (dice % 4 == 0 && !inside.empty()) take_out(*heap.top());
    if (dice == 99 && step % 16 == 0) {
      REQUIRE(drained(heap) == std::vector<int>(inside.begin(), inside.end()));
      inside.clear();
      for (Element& each : elements) each.inside = false;
    }
    REQUIRE(heap.empty() == inside.empty());
    if (inside.empty()) continue;
    REQUIRE(heap.top()->inside);
    REQUIRE(heap.top()->key == *inside.begin());
  }
}
