#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "leasehold/export.hpp"
#include "leasehold/paper/account.hpp"
#include "leasehold/paper/ledger.hpp"

namespace leasehold::paper {

namespace detail {
class TimeSource;
}

// How an exchange serves: `Exchange exchange({.latency = 2ms});`
struct ExchangeSettings {
  // Address to listen on, as an IPv4 or IPv6 literal. Whoever can reach it can read the ledger, and
  // trade too unless there are accounts.
  std::string bind = "127.0.0.1";

  // TCP port; 0 takes a free one (Exchange::port() says which).
  std::uint16_t port = 0;

  // From the last byte of a request to its answer, 0 to 1 h, at every endpoint; what there is no
  // endpoint for, such as "HEAD /", is refused at once, and so is who has no account. An order is
  // committed when it has arrived, whatever the latency; requests on one connection are served one
  // after the other.
  std::chrono::microseconds latency{0};

  // A connection without a request for so long is closed, with close_notify; 1 ms to 24 h. Shorter:
  // clients meet stale connections sooner.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);

  // Longest TLS handshake, longest arrival of one request, and longest time in which a peer takes
  // nothing of its answer; 1 ms to 24 h. A peer that is slower is cut off.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(10);

  // Connections at once, 1 to 65,536; one more is accepted and closed at once. Each costs a file
  // descriptor and some 50 kB.
  std::size_t max_connections = 1024;

  // Threads that serve connections, 1 to 64; one more thread accepts them. Orders per second grow
  // with it only while cores are free: a client on the same machine needs some too.
  std::size_t io_threads = 2;

  // Who may trade, each with orders of its own: without the keys of an account, every request under
  // /v2/ is answered 401. None: no keys are asked for, and all share one account.
  std::vector<PaperAccount> accounts{};
};

// Totals since the start. Each was true at some moment of the call, not all at the same one.
struct ExchangeStatus {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // beyond max_connections
  std::uint64_t connections_open = 0;     // now
  std::uint64_t handshakes = 0;           // TLS handshakes completed
  std::uint64_t handshakes_failed = 0;
  std::uint64_t requests = 0;          // complete HTTP requests
  std::uint64_t orders_committed = 0;  // replacements included
  std::uint64_t orders_duplicate = 0;
  std::uint64_t orders_refused = 0;
};

// A stock exchange on loopback, for tests, benchmarks and demonstrations: a real HTTPS/1.1 server
// that takes orders as Alpaca's Trading API does and keeps a ledger of all it received, the ground
// truth to hold against what a client believes.
//
//   paper::Exchange exchange({.latency = 2ms});
//   exchange.write_ca("ca.pem");
//   ClientPool pool({.origin = exchange.origin(), .ca_file = "ca.pem"});
//
// Orders are placed, looked up by either id, listed, replaced and cancelled (/v2/orders…); there
// are GET /v2/clock and GET /_sim/ledger. The market is always open, and simple orders stay new
// until they are cancelled or replaced.
//
// Promise: in an account, a client_order_id is committed at most once; every request that makes an
//   order and arrived complete is in the ledger; commit and reply are separate, so the ledger holds
//   even when the answer is lost.
// Thread: every member may be called from any thread, the destructor excepted. Its own threads
//   block all signals; SIGPIPE is never raised.
// Cost: io_threads + 1 threads; memory grows with the orders (about 500 bytes each).
class LEASEHOLD_API Exchange {
 public:
  // Listens when it returns; its certificate authority and certificate are made in memory. Throws
  // SettingsError for settings out of range and std::system_error if it cannot listen there.
  explicit Exchange(ExchangeSettings settings = {});
  // The same, with time in the hands of the library's own tests; `time` outlives it.
  Exchange(ExchangeSettings settings, const detail::TimeSource& time);
  // Stops it.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  std::uint16_t port() const noexcept;
  // "https://127.0.0.1:PORT". The certificate names localhost, 127.0.0.1, ::1 and `bind`.
  const std::string& origin() const noexcept;
  // The only authority that vouches for this exchange, as PEM; another one at every start.
  const std::string& ca_pem() const noexcept;
  // Writes it to a file. Throws std::system_error, which names the path.
  void write_ca(const std::string& path) const;

  // Everything received so far, in order of seq. Copies it all; orders wait meanwhile.
  std::vector<LedgerEntry> ledger() const;
  ExchangeStatus status() const;
  const ExchangeSettings& settings() const noexcept;

  // Closes all connections now, answers that are not due yet included, and ends all threads before
  // it returns. The ledger stays. Idempotent.
  void stop() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leasehold::paper
