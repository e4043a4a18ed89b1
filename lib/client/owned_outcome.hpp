#pragma once

#include <new>
#include <utility>

#include "leasehold/outcome.hpp"

namespace leasehold::detail {

// With a response that outlives the client's next request. Without memory for that the request is
// in doubt: it was answered, but how cannot be told.
inline Outcome owned(Outcome outcome) noexcept {
  try {
    outcome.own();
    return outcome;
  } catch (const std::bad_alloc&) {
    return {Fate::in_doubt, {.phase = Phase::read, .cause = Cause::out_of_resources}};
  }
}

}  // namespace leasehold::detail
