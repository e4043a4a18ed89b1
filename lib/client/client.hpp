#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_factory.hpp"
#include "client/client_health.hpp"
#include "client/connection.hpp"
#include "client/round_trip.hpp"
#include "client/tls_session.hpp"
#include "leasehold/outcome.hpp"
#include "system/clock.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

// One httplib::SSLClient with its connection and what is known of it.
//
// Thread: the owner of the client, for all but cut_off(), interrupt() and handshakes().
class Client {
 public:
  // `blueprint` and `clock` outlive it. Throws std::bad_alloc.
  Client(const ClientBlueprint& blueprint, std::uint32_t number, const Clock& clock)
      : blueprint_(blueprint),
        number_(number),
        clock_(clock),
        trip_({.head = blueprint.settings.max_response_header,
               .body = blueprint.settings.max_response_body}),
        http_(make_http_client(blueprint_, connection_, clock_)) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  httplib::SSLClient& http() noexcept { return *http_; }
  std::uint32_t number() const noexcept { return number_; }

  // One request and its answer, before `deadline`; on a connection of which it is known that
  // nothing is left over, and left so, or ended. The response is a view until the next request.
  Outcome send(const OutgoingRequest& request, TimePoint deadline,
               const std::stop_token& stop) noexcept;

  // --- the same in steps, for who drives many of them in one thread ---
  //
  //   Fault fault = client.make_ready(deadline);  // waits for nothing if connected()
  //   client.begin(text, method, deadline);
  //   while (!client.is_over()) { step(), or wait, or be late, or give up }
  //   Outcome outcome = client.finish();

  bool connected() const noexcept { return connection_.session().connected(); }
  // REQUIRES: connected().
  int descriptor() const noexcept { return connection_.session().descriptor(); }
  // What keeps the client from being used for a request, or none. Looks at the connection, and ends
  // one that is not quiet (`stale`); if there is none, connects, which may wait until `deadline` or
  // until it is interrupted. Throws std::bad_alloc, and std::system_error if there is no thread to
  // hold the deadline with.
  Fault make_ready(TimePoint deadline);
  // `text`, the whole request, stays until it is over. REQUIRES: made ready, and not used since.
  void begin(std::string_view text, Method method, TimePoint deadline) noexcept;
  bool is_over() const noexcept { return trip_.wants() == RoundTrip::Want::nothing; }
  bool is_writing() const noexcept { return trip_.wants() == RoundTrip::Want::write; }
  // The last read has ended because it had read for long, and not because there was no more.
  bool has_read_enough() const noexcept { return connection_.session().has_read_enough(); }
  // What to wait for before the next step (poll's events), or 0. REQUIRES: it is not over.
  short step() noexcept;
  // True if the deadline has passed, and then it is over.
  bool is_late(TimePoint now) noexcept { return trip_.is_late(now); }
  // REQUIRES: it is not over.
  void give_up(Cause cause) noexcept { trip_.give_up(cause); }
  // What became of it. Keeps the connection if it may have another request, or else ends it.
  // REQUIRES: it is over.
  Outcome finish() noexcept;

  // Ends the connection, if there is one; the next make_ready() makes another.
  void disconnect() noexcept;

  // From any thread: ends what the owner waits for in make_ready() or send(), until that is
  // forgotten.
  void interrupt(Interruption by) noexcept { connection_.interrupt(by); }
  void forget_interruption(Interruption by) noexcept { connection_.forget_interruption(by); }

  // Cuts the connection without waiting for the peer. The client stays usable by its owner, so that
  // references to it stay good, and is to be built anew before the next one gets it.
  void condemn() noexcept {
    health_.condemned = true;
    connection_.cut();
  }
  bool condemned() const noexcept { return health_.condemned; }
  // A new httplib::SSLClient in place of the condemned one. If it throws, the old one stays.
  void rebuild() {
    http_ = make_http_client(blueprint_, connection_, clock_);
    health_.condemned = false;
  }

  // From any thread: cuts the connection, whatever the owner is doing on it, and lets it make no
  // other.
  void cut_off() noexcept { connection_.cut_off(); }

  // The owner is done for now.
  void rest() noexcept {
    if (health_.connecting) [[unlikely]]
      connection_.forget();
    if (health_.swollen) [[unlikely]]
      shrink();
  }

  // TLS handshakes completed.
  std::uint64_t handshakes() const noexcept {
    return health_.handshakes.load(std::memory_order_relaxed);
  }

 private:
  // What kept the client from a connection, or none.
  Fault connect(TimePoint deadline);
  Fault try_all(const std::vector<std::string>& addresses, TimePoint deadline);
  Fault attempt(const std::string& address, std::chrono::milliseconds time);
  void shrink() noexcept;
  void run_trip() noexcept;

  const ClientBlueprint& blueprint_;
  const std::uint32_t number_;
  const Clock& clock_;
  ClientHealth health_;
  Connection connection_{health_};
  std::string text_;  // of the request
  RoundTrip trip_;
  HttpClient http_;                       // ends before what is above: it tells the connection
  std::optional<TlsSession::Turn> turn_;  // while a request is under way
};

}  // namespace leasehold::detail
