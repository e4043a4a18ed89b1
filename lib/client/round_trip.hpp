#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/classification.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "system/wake_signal.hpp"
#include "wire/response_parser.hpp"

namespace leasehold::detail {

// How a connection ended.
struct StreamEnd {
  enum class Kind : std::uint8_t {
    closed,  // by the peer, in order: close_notify
    cut,     // by the peer or somebody in between: FIN without close_notify
    broken,  // system_error
    failed   // TLS: tls_error
  };
  Kind kind = Kind::closed;
  int system_error = 0;
  unsigned long tls_error = 0;
};

// The cause that an end is, whatever was under way.
Cause cause_of(const StreamEnd& end) noexcept;

// One request and its answer on a connection, without I/O and without a clock: it says what it
// wants next, is told what happened, and decides what became of the request, as nothing else does.
//
//   trip.begin(text, Method::post, deadline);
//   while (trip.wants() != Want::nothing) { write, read, or wait; tell it }
//
// The request is *not sent* until its first whole TLS record has gone out, for the peer can read
// nothing of a part of one; from there *in doubt* until its answer is complete.
//
// Thread: one at a time.
// Cost: allocates its buffer with the first request, and again for an answer that is larger.
class RoundTrip {
 public:
  enum class Want : std::uint8_t {
    write,    // unwritten(); and what comes meanwhile is to be read
    read,     // into room()
    nothing,  // it is over
  };

  explicit RoundTrip(ResponseParser::Limits limits) noexcept : parser_(limits) {}

  // `request` is whole as it goes on the wire, and stays until it is over.
  void begin(std::string_view request, Method method, TimePoint deadline) noexcept;

  Want wants() const noexcept { return wants_; }
  TimePoint deadline() const noexcept { return deadline_; }
  std::string_view unwritten() const noexcept { return unwritten_; }
  // At least one byte; none if memory is short, and then it is over.
  std::span<char> room() noexcept;

  // --- what happened ---

  // So many bytes of unwritten() went out, in whole TLS records.
  void wrote(std::size_t bytes) noexcept;
  // So many bytes came, and are in room().
  void got(std::size_t bytes) noexcept;
  // No more goes out. What the peer said before that may still be there, and is read then.
  void write_failed(const StreamEnd& end) noexcept;
  // Nothing more comes.
  void ended(const StreamEnd& end) noexcept;
  // True if the deadline has passed, and then it is over; unless it was before.
  bool is_late(TimePoint now) noexcept {
    if (now < deadline_ || wants_ == Want::nothing) return false;
    give_up(Cause::deadline);
    return true;
  }
  // REQUIRES: it is not over.
  void give_up(Cause cause) noexcept { fail(cause); }

  // --- when it is over ---

  Fate fate() const noexcept { return fate_; }
  Phase phase() const noexcept { return phase_; }
  // The connection may have the next request: its next bytes will be that one's answer.
  bool reusable() const noexcept { return reusable_; }
  // Whether the buffer is larger than usual; shrink() lets go of it, and of the response.
  bool is_swollen() const noexcept;
  void shrink() noexcept;
  // If it was answered: views into the buffer, until the next begin().
  Response response() const noexcept;
  // If not. Throws std::bad_alloc.
  Fault fault() const;

 private:
  void answered() noexcept;
  void fail(Cause cause, const StreamEnd& end = {}) noexcept;

  ResponseParser parser_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;  // of what is in the buffer

  TimePoint deadline_ = kNever;
  std::string_view unwritten_;
  Want wants_ = Want::nothing;
  bool readable_ = false;  // the peer can read some of the request

  Fate fate_ = Fate::not_sent;
  bool reusable_ = false;
  Phase phase_ = Phase::none;
  Cause cause_ = Cause::none;
  StreamEnd end_;
  const char* detail_ = "";
};

}  // namespace leasehold::detail
