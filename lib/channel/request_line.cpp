#include "channel/request_line.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace leasehold::detail {
namespace {

constexpr std::size_t kMostBuckets = 65'536;

// So that numbers which differ in a few bits only, wherever, are in different buckets: an odd
// multiplier with bits in no order (2^64 / the golden ratio), and the high halves folded in.
constexpr std::uint64_t mixed(std::uint64_t number) noexcept {
  number = (number ^ number >> 32) * 0x9E37'79B9'7F4A'7C15;
  return number ^ number >> 32;
}

}  // namespace

RequestLine::RequestLine(std::size_t buckets)
    : last_bucket_(std::bit_ceil(std::clamp<std::size_t>(buckets, 1, kMostBuckets)) - 1),
      firsts_(std::make_unique<Queued*[]>(last_bucket_ + 1)) {}

// The link to the first of this tenant's; to nothing, where one would be, if it has none.
Queued*& RequestLine::first_of(std::uint64_t tenant) const noexcept {
  Queued** link = &firsts_[static_cast<std::size_t>(mixed(tenant)) & last_bucket_];
  while (*link != nullptr && (*link)->tenant != tenant) link = &(*link)->behind;
  return *link;
}

void RequestLine::add(Queued& request) noexcept {
  ++sizes_[index(request.lane)];
  request.stage = Queued::Stage::queued;
  times_.push(request);
  if (!request.ordered) return lane_of(request).push(request);

  Queued*& link = first_of(request.tenant);
  if (link == nullptr) {
    link = &request;
    return lane_of(request).push(request);
  }
  ++out_of_turn_;
  Queued& first = *link;
  if (first.stage == Queued::Stage::begun || first.number < request.number) {
    return first.others.push(request);
  }
  // The one that is first was submitted later, and has only been found sooner.
  lane_of(first).erase(first);
  request.others = std::exchange(first.others, {});
  request.others.push(first);
  request.behind = std::exchange(first.behind, nullptr);
  link = &request;
  lane_of(request).push(request);
}

Queued* RequestLine::next() const noexcept {
  for (const Lane lane : {Lane::urgent, Lane::normal}) {
    Queued* const first = lanes_[index(lane)].top();
    if (first != nullptr && first->number < complete_before_) return first;
  }
  return nullptr;
}

Queued* RequestLine::begin_next() noexcept {
  Queued* const request = next();
  if (request == nullptr) return nullptr;
  lane_of(*request).erase(*request);
  take_out(*request);
  request->stage = Queued::Stage::begun;
  return request;
}

void RequestLine::end(Queued& request) noexcept {
  request.stage = Queued::Stage::ended;
  if (request.ordered) let_next(first_of(request.tenant));
}

// After the first of a tenant's.
void RequestLine::let_next(Queued*& first) noexcept {
  Turns others = std::exchange(first->others, {});
  Queued* const behind = std::exchange(first->behind, nullptr);
  Queued* const next = others.top();
  if (next == nullptr) {
    first = behind;
    return;
  }
  others.erase(*next);
  next->others = others;
  next->behind = behind;
  first = next;
  --out_of_turn_;
  lane_of(*next).push(*next);
}

// Of all but its lane and its tenant's order.
void RequestLine::take_out(Queued& request) noexcept {
  times_.erase(request);
  --sizes_[index(request.lane)];
}

void RequestLine::remove(Queued& request) noexcept {
  take_out(request);
  request.stage = Queued::Stage::ended;
  if (!request.ordered) return lane_of(request).erase(request);
  Queued*& first = first_of(request.tenant);
  if (first == &request) {
    lane_of(request).erase(request);
    return let_next(first);
  }
  first->others.erase(request);
  --out_of_turn_;
}

Queued* RequestLine::remove_expired(TimePoint now) noexcept {
  return earliest_deadline() <= now ? remove_any() : nullptr;
}

Queued* RequestLine::remove_any() noexcept {
  Queued* const earliest = times_.top();
  if (earliest != nullptr) remove(*earliest);
  return earliest;
}

TimePoint RequestLine::earliest_deadline() const noexcept {
  return times_.empty() ? kNever : times_.top()->deadline;
}

}  // namespace leasehold::detail
