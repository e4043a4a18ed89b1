#include "leasehold/response_channel.hpp"

#include <type_traits>
#include <utility>

#include "channel/response_line.hpp"

namespace leasehold {
namespace detail {

static_assert(std::is_nothrow_move_constructible_v<Outcome>, "an arrival could be lost");

WakeSignal* ResponseLine::lay_down(std::unique_ptr<Place> place, Outcome outcome) noexcept {
  place->outcome.emplace(std::move(outcome));
  const MutexLock lock(mutex_);
  if (closed_) return nullptr;  // the place is destroyed after the lock
  if (Receiver* const receiver = receivers_.pop()) {
    receiver->place = place.release();
    return &receiver->signal;
  }
  arrived_.push(*place.release());
  return nullptr;
}

std::unique_ptr<ResponseLine::Place> ResponseLine::take() noexcept {
  const MutexLock lock(mutex_);
  return std::unique_ptr<Place>(arrived_.pop());
}

std::unique_ptr<ResponseLine::Place> ResponseLine::take_until(TimePoint deadline) noexcept {
  Receiver self;
  {
    const MutexLock lock(mutex_);
    if (Place* const place = arrived_.pop()) return std::unique_ptr<Place>(place);
    receivers_.push(self);
  }
  await_set(clock_, self.signal, deadline, [&]() noexcept {
    const MutexLock lock(mutex_);
    if (self.place != nullptr) return false;
    receivers_.remove(self);
    return true;
  });
  return std::unique_ptr<Place>(self.place);
}

std::size_t ResponseLine::size() const noexcept {
  const MutexLock lock(mutex_);
  return arrived_.size();
}

void ResponseLine::close() noexcept {
  Chain<Place> dropped;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    dropped.append(arrived_);
  }
  while (Place* const place = dropped.pop()) delete place;
}

namespace {

std::optional<ResponseChannel::Arrival> arrival(std::unique_ptr<ResponseLine::Place> place) {
  if (place == nullptr) return std::nullopt;
  return ResponseChannel::Arrival{place->id, *std::move(place->outcome)};
}

}  // namespace
}  // namespace detail

ResponseChannel::ResponseChannel() : line_(std::make_shared<detail::ResponseLine>()) {}

ResponseChannel::~ResponseChannel() { line_->close(); }

std::optional<ResponseChannel::Arrival> ResponseChannel::poll() noexcept {
  return detail::arrival(line_->take());
}

std::optional<ResponseChannel::Arrival> ResponseChannel::receive(Deadline deadline) noexcept {
  return detail::arrival(line_->take_until(deadline.at()));
}

std::size_t ResponseChannel::size() const noexcept { return line_->size(); }

}  // namespace leasehold
