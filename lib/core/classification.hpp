#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "leasehold/outcome.hpp"

namespace leasehold::detail {

// A set of phases.
class Phases {
 public:
  constexpr Phases(std::initializer_list<Phase> phases) noexcept {
    for (const Phase phase : phases) bits_ |= bit(phase);
  }
  constexpr bool has(Phase phase) const noexcept { return (bits_ & bit(phase)) != 0; }

 private:
  static constexpr unsigned bit(Phase phase) noexcept {
    return 1U << static_cast<std::uint8_t>(phase);
  }

  unsigned bits_ = 0;
};

// What is said of a cause, here and in docs/faults.md.
struct CauseRow {
  Cause cause;
  const char* word;
  const char* sentence;
  Phases phases;  // in which it occurs
};

// One for each cause, in their order.
std::span<const CauseRow> cause_rows() noexcept;
const CauseRow& row_of(Cause cause) noexcept;

// The fate of a request that ended in this phase without an answer. `readable`: something of it may
// have reached the server in a form that it can read. Only in Phase::write can it be both.
constexpr Fate fate_of(Phase phase, bool readable) noexcept {
  switch (phase) {
    case Phase::none:
      return Fate::answered;
    case Phase::prepare:
    case Phase::wait:
    case Phase::connect:
    case Phase::handshake:
      return Fate::not_sent;
    case Phase::write:
      return readable ? Fate::in_doubt : Fate::not_sent;
    case Phase::read:
      return Fate::in_doubt;
  }
  return Fate::in_doubt;
}

}  // namespace leasehold::detail
