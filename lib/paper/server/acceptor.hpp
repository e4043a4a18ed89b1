#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "system/unique_fd.hpp"

namespace leasehold::paper::detail {

using leasehold::detail::UniqueFd;

// A non-blocking TCP socket that listens, and where.
struct Listener {
  UniqueFd socket;
  std::uint16_t port = 0;
};

// Listens on an IPv4 or IPv6 literal, checked before; port 0 takes a free one. Throws
// std::system_error, which names address and port.
Listener listen_on(const std::string& address, std::uint16_t port);

// Accepts connections in a thread of its own and hands them on.
//
// Thread: the owner's, for all members.
class Acceptor {
 public:
  using Use = std::function<void(UniqueFd)>;  // called in the acceptor's thread; must not throw
  Acceptor(UniqueFd listener, Use use);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Ends the thread and closes the listening socket. Idempotent, not concurrent.
  void stop() noexcept;

 private:
  void run() noexcept;

  UniqueFd listener_;
  const UniqueFd stop_;  // an eventfd
  const Use use_;
  std::thread thread_;
};

}  // namespace leasehold::paper::detail
