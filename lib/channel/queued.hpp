#pragma once

#include <cstdint>

#include "channel/pairing_heap.hpp"
#include "leasehold/settings.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// What a request is in a RequestLine.
struct Queued {
  enum class Stage : std::uint8_t {
    intake,  // submitted; the line does not know of it yet
    queued,  // in the line
    begun,   // out of it, and under way
    ended    // that is over, or it has left the line without
  };

  struct SubmittedBefore {
    bool operator()(const Queued& one, const Queued& other) const noexcept {
      return one.number < other.number;
    }
  };
  struct DueBefore {
    bool operator()(const Queued& one, const Queued& other) const noexcept {
      return one.deadline != other.deadline ? one.deadline < other.deadline
                                            : one.number < other.number;
    }
  };

  // Constant once it is in the line.
  std::uint64_t number = 0;  // its ticket: in the order of submission, no two alike
  TimePoint deadline = kNever;
  Lane lane = Lane::normal;
  std::uint64_t tenant = 0;  // whose order it keeps; any number
  bool ordered = false;      // begins when those of its tenant's that came before have ended

  // The line's.
  Stage stage = Stage::intake;
  HeapHook<Queued> in_turn = {};
  HeapHook<Queued> in_time = {};
  using Turns = PairingHeap<Queued, &Queued::in_turn, SubmittedBefore>;
  using Times = PairingHeap<Queued, &Queued::in_time, DueBefore>;
  // Of one that is its tenant's first:
  Turns others = {};         // of its tenant, those that wait for it
  Queued* behind = nullptr;  // another tenant's first in the same bucket
};

}  // namespace leasehold::detail
