#include "leasehold/paper/exchange.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "paper/exchange_settings.hpp"
#include "paper/routes.hpp"
#include "paper/server/tls_server.hpp"
#include "system/mutex.hpp"

namespace leasehold::paper {

using namespace detail;

struct Exchange::Impl {
  Impl(ExchangeSettings given, Listener listener, const TimeSource& time)
      : settings(std::move(given)),
        port(listener.port),
        origin("https://" + reachable_host(settings.bind) + ":" + std::to_string(port)),
        ca_pem(authority.pem()),
        clock(time.now()),
        accounts(settings.accounts),
        desk([this, &time] { return clock.at(time.now()); }, settings.accounts),
        server(
            std::move(listener), authority.issue({"localhost"}, certified_addresses(settings.bind)),
            ServerLimits{.idle_timeout = settings.idle_timeout,
                         .stall_timeout = settings.stall_timeout,
                         .max_connections = settings.max_connections},
            time, settings.io_threads,
            [this] { return std::make_unique<Routes>(desk, accounts, clock, settings.latency); }) {}

  const ExchangeSettings settings;
  const std::uint16_t port;
  const std::string origin;
  const CertificateAuthority authority;
  const std::string ca_pem;
  const ExchangeClock clock;
  const Accounts accounts;
  OrderDesk desk;
  leasehold::detail::Mutex stop_mutex;
  TlsServer server;  // last: its threads use the rest
};

Exchange::Exchange(ExchangeSettings settings) : Exchange(std::move(settings), kSteadyTime) {}

Exchange::Exchange(ExchangeSettings settings, const TimeSource& time) {
  validate(settings);
  Listener listener = listen_on(settings.bind, settings.port);
  impl_ = std::make_unique<Impl>(std::move(settings), std::move(listener), time);
}

Exchange::~Exchange() = default;

std::uint16_t Exchange::port() const noexcept { return impl_->port; }
const std::string& Exchange::origin() const noexcept { return impl_->origin; }
const std::string& Exchange::ca_pem() const noexcept { return impl_->ca_pem; }
const ExchangeSettings& Exchange::settings() const noexcept { return impl_->settings; }
std::vector<LedgerEntry> Exchange::ledger() const { return impl_->desk.ledger(); }

void Exchange::write_ca(const std::string& path) const {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << impl_->ca_pem;
  file.close();
  if (!file) {
    throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(),
                            "cannot write " + path);
  }
}

ExchangeStatus Exchange::status() const {
  const ServerCounters& server = impl_->server.counters();
  const OrderDesk& desk = impl_->desk;
  return {.connections_accepted = server.accepted,
          .connections_refused = server.refused,
          .connections_open = server.open,
          .handshakes = server.handshakes,
          .handshakes_failed = server.handshakes_failed,
          .requests = server.requests,
          .orders_committed = desk.count(OrderOutcome::committed),
          .orders_duplicate = desk.count(OrderOutcome::duplicate),
          .orders_refused = desk.count(OrderOutcome::refused)};
}

void Exchange::stop() noexcept {
  const leasehold::detail::MutexLock lock(impl_->stop_mutex);
  impl_->server.stop();
}

}  // namespace leasehold::paper
