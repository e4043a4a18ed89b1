#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "leasehold/export.hpp"
#include "leasehold/settings_error.hpp"

namespace leasehold {

// What a pool, or another owner of clients, is made from, as values. How they are read from JSON
// and the environment stands in settings_sources.hpp, and how a bad one is refused in
// settings_error.hpp.
//
// Promise: every field has a default but ClientSettings::origin, and one name in code, in JSON
//   (origin in "client") and in the environment (LEASEHOLD_CLIENT_ORIGIN). They stand in one order
//   everywhere: what it is, what makes it safe, what takes how long, how much of it there is.
// Thread: any, as with every plain value. Who is made from it keeps a copy, so it never changes
//   under a thread.
// Cost: that of copying some strings.

// Which line a waiter stands in; `urgent` (a cancel) is served before `normal` (a poll).
enum class Lane : std::uint8_t { urgent, normal };

enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

// How each client connects.
struct ClientSettings {
  // --- identity

  // Where requests go: "https://host" or "https://host:port", IPv6 addresses in brackets, nothing
  // after it but one "/". Only https. No default: must be given.
  std::string origin = {};

  // --- safety

  // PEM file with the only certificates to trust: roots, issuing authorities, or the server's own.
  // Empty: the system's authorities. Read once, when a pool is made.
  std::string ca_file = {};

  // Check the server's certificate and that it names the host. Off: anybody in between can read the
  // credentials; for tests only.
  bool verify = true;

  // Oldest TLS version to accept.
  TlsVersion min_tls = TlsVersion::tls1_2;

  // The request with which send() proves a new connection before it uses it: "GET" or "HEAD", and a
  // path. Any complete answer will do, whatever its status, if the server keeps the connection.
  std::string probe = "HEAD /";

  // --- time

  // Time for a TCP connection, over all addresses of the name; for each wait in the TLS handshake
  // too. 1 ms to 1 h, and no longer than request_timeout. Name resolution comes before; of plain
  // calls it is not bounded. Shorter: a dead host is noticed sooner, a distant one never reached.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(2);

  // Time for a plain cpp-httplib call, 1 ms to 1 h: it bounds connecting as connect_timeout does
  // and then each wait for the peer, and the whole only on versions that can (>= 0.19). send() has
  // a deadline for each request; this bounds its wait for the answer to `probe`.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);

  // Send small segments at once (TCP_NODELAY). Off costs 40 ms for each POST: cpp-httplib writes
  // headers and body separately, and Nagle's algorithm holds the second for the delayed ACK.
  bool tcp_nodelay = true;

  // Keep the connection between requests. Off: a TCP and TLS handshake for each request.
  bool keep_alive = true;

  // --- size

  // Largest answer that send() takes, in bytes: header section (1 KiB to 1 MiB) and body (0 to
  // 1 GiB). A larger one ends its request (response_too_large, in doubt).
  std::size_t max_response_header = std::size_t{64} * 1024;
  std::size_t max_response_body = std::size_t{8} * 1024 * 1024;
};

// How a pool shares its clients.
struct PoolSettings {
  // --- identity

  // Shown in errors, status and metrics: 1 to 64 printable ASCII characters, not a URL or a login.
  std::string name = "default";

  // --- time

  // How long acquire() stands in line, up to 1 h. 0: it does not wait.
  std::chrono::milliseconds acquire_timeout = std::chrono::seconds(1);

  // --- size

  // Number of clients, 1 to 65,536, and of connections at most, with two file descriptors each. Too
  // few: threads wait in line; too many: memory and idle connections. Start with arrival rate ×
  // hold time (README).
  std::size_t size = 16;

  // Most threads in each lane's line, up to 1,000,000; one more is refused at once (line_full).
  // 0: nobody waits.
  std::size_t max_waiting = 1024;
};

// How a ClientPerThread hands out its clients.
struct PerThreadSettings {
  // --- identity

  // As the pool's: shown in errors, status and metrics, and not a URL or a login.
  std::string name = "default";

  // --- size

  // Most threads that have a client at the same time, 1 to 65,536, and connections at most; one
  // more is refused at once (too_many_threads) until one of them ends. Each costs what a pool's
  // client does, so a program that starts a thread for each request is told so while it has file
  // descriptors left.
  std::size_t max_threads = 256;
};

// How requests that nobody waits for are driven.
struct ChannelSettings {
  // --- identity

  // As the pool's: shown in errors, status and metrics, and not a URL or a login.
  std::string name = "default";

  // --- size

  // Threads that drive the requests, 1 to 64, each with its own share of the clients. One drives
  // many requests at the same time; more help where one core is not enough.
  std::size_t workers = 1;

  // Clients of all workers together, 1 to 65,536, and connections and requests under way at most.
  // Not fewer than workers.
  std::size_t clients = 16;

  // Most requests that wait to be begun, both lanes together, 1 to 1,000,000; one more is refused
  // at once (channel_full). More: longer bursts are taken, and what is last in line is older when
  // it is sent.
  std::size_t capacity = 1024;
};

struct Settings {
  ClientSettings client = {};
  PoolSettings pool = {};
  PerThreadSettings per_thread = {};
  ChannelSettings channel = {};
};

// Throw SettingsError for the first field out of range. The constructors of what is made from the
// settings call them.
LEASEHOLD_API void validate(const ClientSettings& settings);
LEASEHOLD_API void validate(const PoolSettings& settings);
LEASEHOLD_API void validate(const PerThreadSettings& settings);
LEASEHOLD_API void validate(const ChannelSettings& settings);

}  // namespace leasehold
