#include "system/fork_mark.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>

#include "support/in_child.hpp"
#include "support/sanitizer.hpp"

using leasehold::detail::ForkMark;
using leasehold::test::in_child;

namespace {

constexpr ForkMark::Way ways[] = {ForkMark::Way::wiped_page, ForkMark::Way::process_id};

}  // namespace

TEST_CASE("a child sees that it was forked, and its parent goes on seeing that it was not") {
  for (const ForkMark::Way way : ways) {
    CAPTURE(static_cast<int>(way));
    const ForkMark mark(way);
    CHECK_FALSE(mark.forked());
    CHECK(in_child([&] { return mark.forked() && mark.forked(); }));
    CHECK_FALSE(mark.forked());
  }
}

TEST_CASE("a child's child sees that it was forked") {
  for (const ForkMark::Way way : ways) {
    CAPTURE(static_cast<int>(way));
    const ForkMark mark(way);
    CHECK(in_child([&] { return in_child([&] { return mark.forked(); }); }));
  }
}

TEST_CASE("a mark that a child made is its own, and not its children's") {
  for (const ForkMark::Way way : ways) {
    CAPTURE(static_cast<int>(way));
    CHECK(in_child([&] {
      const ForkMark mark(way);
      return !mark.forked() && in_child([&] { return mark.forked(); });
    }));
  }
}

TEST_CASE("a child that ends its copy of a mark leaves the parent's alone") {
  for (const ForkMark::Way way : ways) {
    CAPTURE(static_cast<int>(way));
    auto* const mark = new ForkMark(way);
    CHECK(in_child([&] {
      delete mark;
      return true;
    }));
    CHECK_FALSE(mark->forked());
    delete mark;
  }
}

TEST_CASE("a mark for which there is no memory throws") {
  if (leasehold::test::kSanitized) return;  // they need more memory than that
  CHECK(in_child([] {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_AS, &none) != 0) return false;
    try {
      const ForkMark mark;
    } catch (const std::bad_alloc&) {
      return true;
    }
    return false;
  }));
}
