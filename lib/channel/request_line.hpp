#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "channel/queued.hpp"
#include "leasehold/settings.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// The requests that wait in a channel, and whose turn it is: urgent ones before normal ones, and
// within a lane in the order of submission. Of a tenant's ordered requests, of both lanes, only the
// first is in its lane; the next takes its place there when that has ended.
//
// Thread: guarded by the caller's lock; does not lock, and allocates only when it is made. The
//   requests are the caller's, and stay where they are until they have ended.
// Cost: constant for add(); logarithmic in the number of requests for what takes one out, on
//   average. Ordered ones also look through the tenants that share a bucket.
class RequestLine {
 public:
  // As many buckets as there may be tenants with ordered requests at a time, as a power of two; of
  // more tenants some share one, which costs time and nothing else. Throws std::bad_alloc.
  explicit RequestLine(std::size_t buckets);
  RequestLine(const RequestLine&) = delete;
  RequestLine& operator=(const RequestLine&) = delete;

  // In whatever order they come: it is their number that counts.
  void add(Queued& request) noexcept;
  // All those with lower numbers are here, or were. Others do not begin, for one that was submitted
  // before them may not have been found yet. As long as this is not called, all may.
  void note_complete(std::uint64_t number) noexcept { complete_before_ = number; }
  // Takes out the one whose turn it is; null if none could begin now.
  Queued* begin_next() noexcept;
  // Of one that was begun. If it was ordered, the next of its tenant may come.
  void end(Queued& request) noexcept;

  // Takes it out, from wherever it stands. REQUIRES: it is queued.
  void remove(Queued& request) noexcept;
  // Takes out one whose deadline is not after `now`, the earliest first; null if there is none.
  Queued* remove_expired(TimePoint now) noexcept;
  // Takes out any; null if none is left.
  Queued* remove_any() noexcept;

  // kNever if it is empty.
  TimePoint earliest_deadline() const noexcept;
  std::size_t size() const noexcept { return sizes_[0] + sizes_[1]; }
  std::size_t size(Lane lane) const noexcept { return sizes_[index(lane)]; }
  // Those that wait for another one of their tenant's.
  std::size_t out_of_turn() const noexcept { return out_of_turn_; }
  // Whether begin_next() would give one.
  bool one_could_begin() const noexcept { return next() != nullptr; }

 private:
  using Turns = Queued::Turns;

  static constexpr std::size_t index(Lane lane) noexcept { return static_cast<std::size_t>(lane); }
  Turns& lane_of(const Queued& request) noexcept { return lanes_[index(request.lane)]; }
  Queued* next() const noexcept;
  Queued*& first_of(std::uint64_t tenant) const noexcept;
  void take_out(Queued& request) noexcept;
  void let_next(Queued*& first) noexcept;

  std::array<Turns, 2> lanes_;          // urgent, normal
  std::array<std::size_t, 2> sizes_{};  // by lane, those out of turn too
  Queued::Times times_;
  std::size_t out_of_turn_ = 0;
  std::uint64_t complete_before_ = std::numeric_limits<std::uint64_t>::max();
  // The first of each tenant's ordered requests, in its lane or begun; by bucket, chained.
  const std::size_t last_bucket_;
  const std::unique_ptr<Queued*[]> firsts_;
};

}  // namespace leasehold::detail
