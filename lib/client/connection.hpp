#pragma once

#include <chrono>
#include <optional>

#include "client/client_health.hpp"
#include "system/mutex.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::detail {

// A client's connection from beside: cpp-httplib makes it and closes it; this sees it come about,
// and can cut it while another thread is inside a request.
//
// Thread: the owner of the client, for all but cut_off().
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
  void handshake_begins(int descriptor) noexcept;
  // A handshake, the first or what TLS 1.3 sends later, was completed.
  void handshake_done() noexcept;

  // Without waiting for the peer; the client may make another.
  void cut() noexcept;
  // From any thread: whatever the owner is doing on it (connecting and TLS handshake included; name
  // resolution cannot be interrupted), and the client makes no other.
  void cut_off() noexcept;
  // Lets go of one that never came about: the duplicate would keep the kernel trying.
  void forget() noexcept;

 private:
  // The owner's.
  ClientHealth& health_;
  bool gives_up_early_ = false;  // the socket, if it does not connect
  bool handshaking_ = false;

  Mutex mutex_;
  // A duplicate of the descriptor: cpp-httplib may close its own at any time, and the number could
  // be another socket's by then.
  UniqueFd socket_ LEASEHOLD_GUARDED_BY(mutex_);
  bool cut_off_ LEASEHOLD_GUARDED_BY(mutex_) = false;
};

}  // namespace leasehold::detail
