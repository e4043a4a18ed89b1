#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "paper/server/acceptor.hpp"
#include "paper/server/event_loop.hpp"

namespace leasehold::paper::detail {

// An HTTPS/1.1 server on OpenSSL and epoll. Not on cpp-httplib's SSLServer: that one has a thread
// for each connection and differs between versions, and an exchange that can fail in every phase on
// purpose needs the bytes and the socket in its own hands.
//
// Thread: any for counters(), the owner's for the rest.
class TlsServer {
 public:
  using MakeHandler = std::function<std::unique_ptr<RequestHandler>()>;  // called for each loop

  // Serves when it returns. Its threads block all signals.
  TlsServer(Listener listener, const Identity& identity, const ServerLimits& limits,
            const TimeSource& time, std::size_t threads, const MakeHandler& make_handler);
  // Stops it.
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // Accepts no more, closes all connections, ends all threads. Idempotent, not concurrent.
  void stop() noexcept;

  const ServerCounters& counters() const noexcept { return commons_.counters; }

 private:
  void distribute(UniqueFd socket) noexcept;

  ServerCommons commons_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;  // uses the loops: ends first
};

}  // namespace leasehold::paper::detail
