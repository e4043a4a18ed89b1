#pragma once

#include <openssl/types.h>

#include <chrono>
#include <cstdint>

namespace leasehold::detail {

// How a socket ended.
struct SocketEnd {
  int error = 0;       // errno of the last read or write that failed for good, 0 if none has
  bool ended = false;  // the peer has ended the stream (FIN)
};

// What stands between an SSL and its socket, in place of OpenSSL's own: it never raises SIGPIPE,
// counts what the kernel has taken, and keeps how the socket ended.
//
// Thread: the connection's owner.
// Lifetime: the SSL's; freed with it.
class SocketBio {
 public:
  // Puts one under `ssl`, which has a BIO for `descriptor`; cpp-httplib goes on pointing to that
  // one, so it stays, below. `end` outlives it: who is told that the SSL is freed may find this
  // gone already. Null if memory is missing; `ssl` is unchanged then.
  static SocketBio* install(SSL* ssl, int descriptor, SocketEnd& end) noexcept;

  int descriptor() const noexcept { return descriptor_; }

  // Whether reads and writes wait as the socket does, for cpp-httplib's requests, or not at all.
  void wait(bool waits) noexcept {
    waits_ = waits;
    waits_briefly_ = false;
  }
  // Lets the reads of the next call of OpenSSL take so much from a peer that never stops sending,
  // until they are as if nothing had come.
  void allow_reads() noexcept { reads_left_ = kReads; }
  // They have, and the last one was as if nothing had come.
  bool has_read_enough() const noexcept { return reads_left_ < 0; }

  // Nothing is there to be read, and the peer has not ended the stream. One system call.
  bool is_silent() const noexcept;

  // The longest that a read waits by itself, if it may: so that an answer that comes soon costs one
  // system call instead of two.
  static constexpr std::chrono::milliseconds kBriefly{10};
  // Lets the socket wait for so long; to be called once, when it is connected. Nothing if it cannot
  // be set. Whose reads wait as the socket does go on waiting as they did.
  void allow_brief_waits() noexcept;
  // The next read may wait, for kBriefly at most. False if it may not.
  bool wait_briefly_once() noexcept { return waits_briefly_ = may_wait_briefly_; }

  // Bytes that the kernel has taken, of TLS.
  std::uint64_t bytes_written() const noexcept { return bytes_written_; }

 private:
  friend struct SocketBioMethods;  // called by OpenSSL

  static constexpr int kReads = 64;

  SocketBio(int descriptor, SocketEnd& end) noexcept : descriptor_(descriptor), end_(end) {}
  bool waits_on() const noexcept;

  const int descriptor_;
  SocketEnd& end_;
  bool waits_ = true;
  bool may_wait_briefly_ = false;
  bool waits_briefly_ = false;             // the next read
  std::chrono::milliseconds patience_{0};  // of the socket before that; none: for ever
  int reads_left_ = kReads;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace leasehold::detail
