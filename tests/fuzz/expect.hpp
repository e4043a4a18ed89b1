#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace leasehold::test {

// What a fuzz target checks: it ends the program, naming the promise that was broken.
inline void expect(bool kept, std::string_view promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

}  // namespace leasehold::test
