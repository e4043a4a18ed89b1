#pragma once

#include <openssl/types.h>

#include <cstdint>

namespace leasehold::detail {

// What stands between an SSL and its socket, in place of OpenSSL's own: it never raises SIGPIPE,
// counts what the kernel has taken, and keeps how the socket ended.
//
// Thread: the connection's owner.
// Lifetime: the SSL's; freed with it.
class SocketBio {
 public:
  // Puts one under `ssl`, which has a BIO for `descriptor`; cpp-httplib goes on pointing to that
  // one, so it stays, below. Null if memory is missing; `ssl` is unchanged then.
  static SocketBio* install(SSL* ssl, int descriptor) noexcept;

  int descriptor() const noexcept { return descriptor_; }

  // Whether reads and writes wait as the socket does, for cpp-httplib's requests, or not at all.
  void wait(bool waits) noexcept { waits_ = waits; }
  bool waits() const noexcept { return waits_; }
  // Lets the reads of the next call of OpenSSL take so much from a peer that never stops sending,
  // until they are as if nothing had come.
  void allow_reads() noexcept { reads_left_ = kReads; }

  // Bytes that the kernel has taken, of TLS.
  std::uint64_t bytes_written() const noexcept { return bytes_written_; }
  // errno of the last read or write that failed for good, 0 if none has.
  int error() const noexcept { return error_; }
  // The peer has ended the stream (FIN).
  bool ended() const noexcept { return ended_; }

 private:
  friend struct SocketBioMethods;  // called by OpenSSL

  static constexpr int kReads = 64;

  explicit SocketBio(int descriptor) noexcept : descriptor_(descriptor) {}

  const int descriptor_;
  bool waits_ = true;
  int reads_left_ = kReads;
  std::uint64_t bytes_written_ = 0;
  int error_ = 0;
  bool ended_ = false;
};

}  // namespace leasehold::detail
