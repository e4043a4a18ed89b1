#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "leasehold/export.hpp"

namespace leasehold {

// Which line a waiter stands in; `urgent` (a cancel) is served before `normal` (a poll).
enum class Lane : std::uint8_t { urgent, normal };

enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

// How each client connects. Every field has the same name in code, in JSON (origin in "client") and
// in the environment (LEASEHOLD_CLIENT_ORIGIN).
struct ClientSettings {
  // Where requests go: "https://host" or "https://host:port", IPv6 addresses in brackets, nothing
  // after it but one "/". Only https. No default: must be given.
  std::string origin = {};

  // PEM file with the only certificates to trust: roots, issuing authorities, or the server's own.
  // Empty: the system's authorities. Read once, when a pool is made.
  std::string ca_file = {};

  // Check the server's certificate and that it names the host. Off: anybody in between can read the
  // credentials; for tests only.
  bool verify = true;

  // Oldest TLS version to accept.
  TlsVersion min_tls = TlsVersion::tls1_2;

  // Time for a TCP connection; for each wait in the TLS handshake too. 1 ms to 1 h. Shorter: a dead
  // host is noticed sooner, a distant one never reached.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(2);

  // Time for a whole request and its answer, 1 ms to 1 h. Through plain cpp-httplib calls it bounds
  // each wait for the peer, and the whole only on versions that can (>= 0.19).
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);

  // Send small segments at once (TCP_NODELAY). Off costs 40 ms for each POST: cpp-httplib writes
  // headers and body separately, and Nagle's algorithm holds the second for the delayed ACK.
  bool tcp_nodelay = true;

  // Keep the connection between requests. Off: a TCP and TLS handshake for each request.
  bool keep_alive = true;
};

// How a pool shares its clients (JSON: size in "pool"; environment: LEASEHOLD_POOL_SIZE).
struct PoolSettings {
  // Shown in errors, status and metrics: 1 to 64 printable ASCII characters, not a URL or a login.
  std::string name = "default";

  // Number of clients, 1 to 65,536, and of connections at most, with two file descriptors each. Too
  // few: threads wait in line; too many: memory and idle connections. Start with arrival rate ×
  // hold time (README).
  std::size_t size = 16;

  // Most threads in each lane's line, up to 1,000,000; one more is refused at once (line_full).
  // 0: nobody waits.
  std::size_t max_waiting = 1024;

  // How long acquire() stands in line, up to 1 h. 0: it does not wait.
  std::chrono::milliseconds acquire_timeout = std::chrono::seconds(1);
};

struct Settings {
  ClientSettings client;
  PoolSettings pool;
};

// A setting that cannot be used. what() names the field as its source spells it ("pool.size" in
// code and JSON), the value, escaped and cut so that it cannot garble a log, and what was expected:
//   LEASEHOLD_POOL_SIZE: "0": expected a whole number from 1 to 65536
// For a name that is unknown or there twice, its place is the field and the name is the value:
//   pool: "sice": expected one of name, size, max_waiting, acquire_timeout
// What may be a credential is not repeated, in no field and however it is spelled: value() and
// what() have "***" in its place (docs/settings.md).
class LEASEHOLD_API SettingsError : public std::invalid_argument {
 public:
  SettingsError(std::string field, const std::string& value, std::string expected);
  ~SettingsError() override;

  const std::string& field() const noexcept { return field_; }
  const std::string& value() const noexcept { return value_; }
  const std::string& expected() const noexcept { return expected_; }

 private:
  std::string field_;
  std::string value_;
  std::string expected_;
};

// Throw SettingsError for the first field out of range. The pool's constructor calls them.
LEASEHOLD_API void validate(const ClientSettings& settings);
LEASEHOLD_API void validate(const PoolSettings& settings);

// `base` with the fields that the JSON text names replaced, each of them checked as validate() does
// (the rest is checked when a pool is made):
//   {"client": {"origin": "https://api.alpaca.markets", "min_tls": "1.3", "connect_timeout": "2s"},
//    "pool": {"size": 32}}
// Durations are strings with a unit: ms, s, m or h. Unknown names, names there twice, wrong types,
// invalid UTF-8, anything after the object and more than 1 MiB are refused with a SettingsError;
// for what is not JSON at all, its field is the line and column. A UTF-8 byte order mark is
// skipped.
LEASEHOLD_API Settings settings_from_json(std::string_view json, Settings base = {});
// The same from a file, whose path then precedes the field in errors; one that cannot be read is a
// SettingsError that says why.
LEASEHOLD_API Settings settings_from_json_file(const std::string& path, Settings base = {});

// The same from the process's environment: LEASEHOLD_CLIENT_… and LEASEHOLD_POOL_… followed by the
// field's name in capitals, with the value as in JSON but without quotes. An unknown name with
// these prefixes is refused, and so is one that is nearly known (LEASEHOLD_POL_SIZE); but not what
// Kubernetes sets for a service named leasehold-pool (LEASEHOLD_POOL_PORT=tcp://10.0.0.1:443).
// Not safe beside a thread that calls setenv (POSIX).
LEASEHOLD_API Settings settings_from_environment(Settings base = {});

}  // namespace leasehold
