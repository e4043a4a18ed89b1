#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leasehold::detail {

enum class HostKind : std::uint8_t { name, ipv4, ipv6 };

// Where requests go; the scheme is https.
struct Origin {
  std::string host;  // in lower case, an IPv6 address without brackets
  HostKind kind = HostKind::name;
  int port = 443;
};

// Parses "https://host" or "https://host:port", with nothing after it but one "/". The host is a
// DNS name (underscores allowed), an IPv4 address or an IPv6 address in brackets, without a zone.
// Throws SettingsError for "client.origin".
Origin parse_origin(std::string_view text);

// What parse_origin() expected and did not find ("a port from 1 to 65535"); empty if it succeeds.
std::string_view origin_problem(std::string_view text);

}  // namespace leasehold::detail
