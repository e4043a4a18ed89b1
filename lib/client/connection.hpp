#pragma once

#include <openssl/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "client/client_health.hpp"
#include "client/tls_session.hpp"
#include "system/clock.hpp"
#include "system/mutex.hpp"
#include "system/unique_fd.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// Who has ended what a client's owner was doing.
enum class Interruption : std::uint8_t { none, deadline, stop, closed };

// A client's connection from beside: cpp-httplib makes it and closes it; this sees it come about,
// and can cut it while another thread is inside a request.
//
// Thread: the owner of the client, for all but interrupt() and cut_off().
// Cost: a second descriptor for each connection. The lock is held for a few system calls at most,
//   none of which waits.
class Connection {
 public:
  // `health` outlives it.
  explicit Connection(ClientHealth& health) noexcept : health_(health) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What the client's hooks tell, in the thread that connects.
  // A socket was made, and is not connected yet. `left`: of the time to connect, if the attempt has
  // used some of it on another address.
  void socket_made(int descriptor, std::optional<std::chrono::milliseconds> left) noexcept;
  // It is connected; the first handshake begins, and no byte of it was sent.
  void handshake_begins(SSL* ssl) noexcept;
  // A handshake, the first or what TLS 1.3 sends later, was completed.
  void handshake_done(const SSL* ssl) noexcept;
  void handshake_paused(const SSL* ssl) noexcept { session_.paused(ssl); }
  void alerted(const SSL* ssl, int alert) noexcept { session_.alerted(ssl, alert); }

  TlsSession& session() noexcept { return session_; }
  const TlsSession& session() const noexcept { return session_; }
  // Whether others can cut it: false where there was no descriptor to spare for the duplicate. Then
  // make_cuttable() tries again.
  bool is_cuttable() const noexcept { return cuttable_; }
  bool make_cuttable(int descriptor) noexcept;
  // Connections that cannot be cut are not made, until the other is said.
  void make_only_cuttable(bool only) noexcept { only_cuttable_ = only; }
  // How many there were.
  std::uint64_t sockets_made() const noexcept { return sockets_made_; }

  // Without waiting for the peer; the client may make another.
  void cut() noexcept;
  // From any thread: the same, whatever the owner is doing, which is to find out why; and what it
  // makes from now on is cut too, until forget_interruption(). The first one counts.
  void interrupt(Interruption by) noexcept;
  void forget_interruption(Interruption by) noexcept;
  Interruption interruption() noexcept;
  // Sleeps until `signal` is nudged, by an interruption too, or until `deadline`.
  void await(WakeSignal& signal, TimePoint deadline, const Clock& clock) noexcept;
  // From any thread: whatever the owner is doing on it (connecting and TLS handshake included; name
  // resolution cannot be interrupted), and the client makes no other.
  void cut_off() noexcept;
  // Lets go of one that never came about, or is no more: the duplicate would keep the kernel
  // trying, or the connection.
  void forget() noexcept;

 private:
  bool is_unwanted() const noexcept LEASEHOLD_REQUIRES(mutex_) {
    return cut_off_ || interruption_ != Interruption::none;
  }
  void shut_down() noexcept LEASEHOLD_REQUIRES(mutex_);

  // The owner's.
  ClientHealth& health_;
  TlsSession session_;
  std::uint64_t sockets_made_ = 0;
  bool cuttable_ = false;
  bool only_cuttable_ = false;
  bool gives_up_early_ = false;  // the socket, if it does not connect
  bool handshaking_ = false;

  Mutex mutex_;
  // A duplicate of the descriptor: cpp-httplib may close its own at any time, and the number could
  // be another socket's by then.
  UniqueFd socket_ LEASEHOLD_GUARDED_BY(mutex_);
  bool cut_off_ LEASEHOLD_GUARDED_BY(mutex_) = false;
  Interruption interruption_ LEASEHOLD_GUARDED_BY(mutex_) = Interruption::none;
  WakeSignal* sleeper_ LEASEHOLD_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace leasehold::detail
