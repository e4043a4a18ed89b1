#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/client_factory.hpp"

namespace leasehold::detail {

// Makes a client of cpp-httplib connect: no call of it does that without a request.
struct HttpProbe {
  const ClientBlueprint& blueprint;  // of the client
  std::string address;               // of the host, so that cpp-httplib looks up no name
  std::chrono::milliseconds connect_time;
};

// What came of it, as far as cpp-httplib tells.
enum class Probed : std::uint8_t { answered, connect_timed_out, failed };

// In the calling thread; keeps the connection if the server does. REQUIRES: the client is the
// caller's and has no connection. Throws what cpp-httplib throws.
Probed probe(httplib::SSLClient& http, const HttpProbe& how);

// Ends the connection, if there is one, without waiting for the peer, and frees it.
void disconnect(httplib::SSLClient& http) noexcept;

}  // namespace leasehold::detail
