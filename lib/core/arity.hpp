#pragma once

#include <cstddef>

namespace leasehold::detail {

// Converts to anything, in unevaluated code only.
struct Anything {
  template <class T>
  operator T() const;
};

template <class Aggregate, class... Members>
consteval std::size_t count_members() {
  if constexpr (requires { Aggregate{Members{}..., Anything{}}; }) {
    return count_members<Aggregate, Members..., Anything>();
  } else {
    return sizeof...(Members);
  }
}

// The number of members of an aggregate: the most initialisers that it takes.
template <class Aggregate>
inline constexpr std::size_t arity = count_members<Aggregate>();

}  // namespace leasehold::detail
