#include "client/round_trip.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace leasehold::detail {
namespace {

// Several times the answer to an order. A larger buffer is not kept for the next request.
constexpr std::size_t kUsualCapacity = std::size_t{8} * 1024;

}  // namespace

Cause cause_of(const StreamEnd& end) noexcept {
  switch (end.kind) {
    case StreamEnd::Kind::closed:
    case StreamEnd::Kind::cut:
      return Cause::peer_closed;
    case StreamEnd::Kind::broken:
      return end.system_error == ENOMEM || end.system_error == ENOBUFS ? Cause::out_of_resources
                                                                       : Cause::connection_broken;
    case StreamEnd::Kind::failed:
      return Cause::tls_failed;
  }
  return Cause::connection_broken;
}

void RoundTrip::begin(std::string_view request, Method method, TimePoint deadline) noexcept {
  parser_.start(method);
  if (is_swollen()) shrink();
  size_ = 0;
  deadline_ = deadline;
  unwritten_ = request;
  wants_ = Want::write;
  readable_ = false;
  fate_ = Fate::not_sent;
  reusable_ = false;
  phase_ = Phase::none;
  cause_ = Cause::none;
  end_ = {};
  detail_ = "";
}

bool RoundTrip::is_swollen() const noexcept { return capacity_ > kUsualCapacity; }

void RoundTrip::shrink() noexcept {
  buffer_.reset();
  capacity_ = 0;
  size_ = 0;
}

std::span<char> RoundTrip::room() noexcept {
  const std::size_t wanted = parser_.wanted();
  if (capacity_ - size_ < wanted) {
    const std::size_t capacity = std::max({kUsualCapacity, size_ + wanted, 2 * capacity_});
    std::unique_ptr<char[]> larger(new (std::nothrow) char[capacity]);
    if (larger == nullptr) {
      fail(Cause::out_of_resources);
      return {};
    }
    if (size_ != 0) std::memcpy(larger.get(), buffer_.get(), size_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  return {buffer_.get() + size_, capacity_ - size_};
}

void RoundTrip::wrote(std::size_t bytes) noexcept {
  unwritten_.remove_prefix(bytes);
  readable_ = readable_ || bytes != 0;
  if (unwritten_.empty()) wants_ = Want::read;
}

void RoundTrip::got(std::size_t bytes) noexcept {
  if (!readable_) {
    detail_ = "the server spoke before the request";
    return fail(Cause::malformed_response);
  }
  size_ += bytes;
  switch (parser_.parse(buffer_.get(), size_)) {
    case ResponseParser::Verdict::more:
      return;
    case ResponseParser::Verdict::complete:
      return answered();
    case ResponseParser::Verdict::malformed:
      detail_ = parser_.problem();
      return fail(Cause::malformed_response);
    case ResponseParser::Verdict::too_large:
      detail_ = parser_.problem();
      return fail(Cause::response_too_large);
  }
}

void RoundTrip::write_failed(const StreamEnd& end) noexcept {
  if (readable_) {
    wants_ = Want::read;
  } else {
    fail(cause_of(end), end);
  }
}

void RoundTrip::ended(const StreamEnd& end) noexcept {
  const bool in_order = end.kind == StreamEnd::Kind::closed;
  if (readable_ && parser_.end_of_stream(in_order) == ResponseParser::Verdict::complete) {
    return answered();
  }
  fail(cause_of(end), end);
}

void RoundTrip::answered() noexcept {
  fate_ = Fate::answered;
  reusable_ = unwritten_.empty() && parser_.reusable() && size_ == parser_.end();
  wants_ = Want::nothing;
}

void RoundTrip::fail(Cause cause, const StreamEnd& end) noexcept {
  phase_ = unwritten_.empty() ? Phase::read : Phase::write;
  fate_ = fate_of(phase_, readable_);
  cause_ = cause;
  end_ = end;
  wants_ = Want::nothing;
}

Response RoundTrip::response() const noexcept {
  const char* const data = buffer_.get();
  return Response(parser_.status(), parser_.head(data), parser_.body(data));
}

Fault RoundTrip::fault() const {
  return {.phase = phase_,
          .cause = cause_,
          .system_error = end_.system_error,
          .tls_error = end_.tls_error,
          .detail = detail_};
}

}  // namespace leasehold::detail
