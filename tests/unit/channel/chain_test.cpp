#include "channel/chain.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using leasehold::detail::Chain;

namespace {

struct Link {
  char name;
  Link* previous = nullptr;
  Link* next = nullptr;
};

// Takes all out.
std::string popped(Chain<Link>& chain) {
  std::string names;
  for (std::size_t left = chain.size(); !chain.empty(); --left) {
    CHECK(chain.size() == left);
    names += chain.pop()->name;
  }
  CHECK(chain.size() == 0);
  CHECK(chain.first() == nullptr);
  CHECK(chain.pop() == nullptr);
  return names;
}

}  // namespace

TEST_CASE("links are popped in the order in which they were pushed, again and again") {
  Link a{'a'}, b{'b'}, c{'c'};
  Chain<Link> chain;
  CHECK(popped(chain).empty());
  for (int round = 0; round < 2; ++round) {
    for (Link* link : {&b, &a, &c}) chain.push(*link);
    CHECK(chain.first() == &b);
    CHECK(popped(chain) == "bac");
  }
}

TEST_CASE("a link is removed from wherever it stands, and may be pushed again") {
  for (const char gone : {'a', 'b', 'c'}) {
    Link links[] = {{'a'}, {'b'}, {'c'}};
    Chain<Link> chain;
    for (Link& link : links) chain.push(link);
    Link& removed = links[gone - 'a'];
    chain.remove(removed);
    CHECK(chain.size() == 2);
    chain.push(removed);
    std::string expected = "abc";
    std::erase(expected, gone);
    CHECK(popped(chain) == expected + gone);
  }
}

TEST_CASE("a chain takes all of another's behind its own, and leaves it empty") {
  for (const std::size_t own : {0U, 1U, 2U}) {
    for (const std::size_t others : {0U, 1U, 2U}) {
      Link links[] = {{'a'}, {'b'}, {'c'}, {'d'}};
      Chain<Link> chain, other;
      for (std::size_t i = 0; i < own; ++i) chain.push(links[i]);
      for (std::size_t i = own; i < own + others; ++i) other.push(links[i]);
      chain.append(other);
      CHECK(popped(other).empty());
      Link last{'z'};
      other.push(last);
      if (others != 0) chain.remove(links[own]);  // its first
      std::string expected = std::string("abcd").substr(0, own + others);
      if (others != 0) expected.erase(own, 1);
      CHECK(popped(chain) == expected);
      CHECK(popped(other) == "z");
    }
  }
}
