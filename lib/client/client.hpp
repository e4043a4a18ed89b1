#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "client/client_factory.hpp"
#include "client/client_health.hpp"
#include "client/connection.hpp"
#include "client/round_trip.hpp"
#include "leasehold/outcome.hpp"
#include "system/clock.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

// One httplib::SSLClient with its connection and what is known of it.
//
// Thread: the owner of the client, for all but cut_off() and handshakes().
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
  Fault make_ready(TimePoint deadline);
  Fault connect(TimePoint deadline);
  Fault try_all(const std::vector<std::string>& addresses, TimePoint deadline);
  Fault attempt(const std::string& address, std::chrono::milliseconds time);
  void disconnect() noexcept;
  void shrink() noexcept;
  // True if the connection may have another.
  bool run_trip() noexcept;

  const ClientBlueprint& blueprint_;
  const std::uint32_t number_;
  const Clock& clock_;
  ClientHealth health_;
  Connection connection_{health_};
  std::string text_;  // of the request
  RoundTrip trip_;
  HttpClient http_;  // ends first: it tells the connection
};

}  // namespace leasehold::detail
