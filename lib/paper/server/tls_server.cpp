#include "paper/server/tls_server.hpp"

#include <exception>
#include <utility>

#include "system/signals_blocked.hpp"

namespace leasehold::paper::detail {

TlsServer::TlsServer(Listener listener, const Identity& identity, const ServerLimits& limits,
                     const TimeSource& time, std::size_t threads, const MakeHandler& make_handler)
    : commons_{.tls = TlsContext(identity), .limits = limits, .time = time} {
  const leasehold::detail::SignalsBlocked quiet;
  for (std::size_t at = 0; at < threads; ++at) {
    loops_.push_back(std::make_unique<EventLoop>(commons_, make_handler()));
  }
  acceptor_ = std::make_unique<Acceptor>(
      std::move(listener.socket), [this](UniqueFd socket) { distribute(std::move(socket)); });
}

TlsServer::~TlsServer() { stop(); }

void TlsServer::stop() noexcept {
  if (acceptor_) acceptor_->stop();
  for (const auto& loop : loops_) loop->stop();
}

void TlsServer::distribute(UniqueFd socket) noexcept try {
  if (commons_.counters.open.load() >= commons_.limits.max_connections) {
    ++commons_.counters.refused;
    return;
  }
  const std::uint64_t id = ++commons_.counters.accepted;
  loops_[id % loops_.size()]->adopt(std::move(socket), id);
} catch (const std::exception&) {
  // Out of memory: this connection is closed, others go on.
}

}  // namespace leasehold::paper::detail
