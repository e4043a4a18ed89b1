#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "client/connection.hpp"
#include "client/resolver.hpp"
#include "client/trust_store.hpp"
#include "core/origin.hpp"
#include "leasehold/settings.hpp"
#include "system/clock.hpp"

namespace httplib {
class SSLClient;
}

namespace leasehold::detail {

// What all clients of one source are made from; outlives them.
struct ClientBlueprint {
  // Throws SettingsError, std::bad_alloc.
  explicit ClientBlueprint(ClientSettings from);

  const ClientSettings settings;
  const Origin origin;
  const int oldest_tls;  // OpenSSL's number of the oldest version to accept
  const TrustStore trust;
  const std::string own_lines;  // header lines of each of leasehold's own requests
  const Resolver resolver;
};

// What an attempt to connect may take.
inline std::chrono::milliseconds connect_time(const ClientSettings& settings) noexcept {
  return std::min(settings.connect_timeout, settings.request_timeout);
}

// Ends where cpp-httplib is known, which is in one file.
struct DeleteHttpClient {
  void operator()(httplib::SSLClient* client) const noexcept;
};
using HttpClient = std::unique_ptr<httplib::SSLClient, DeleteHttpClient>;

// A client as the blueprint says, alike on every version of cpp-httplib from 0.11.4 to 0.53.1. It
// tells `connection` of its sockets and handshakes. All arguments outlive it.
// Throws std::bad_alloc.
//
// Thread: any.
// Cost: about 0.2 ms and 30 KB; connects on the first request.
HttpClient make_http_client(const ClientBlueprint& blueprint, Connection& connection,
                            const Clock& clock);

}  // namespace leasehold::detail
