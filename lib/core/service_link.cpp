#include "core/service_link.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace leasehold::detail {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view protocols[] = {"tcp", "udp", "sctp"};
constexpr std::string_view protocol_endings[] = {"_TCP", "_UDP", "_SCTP"};

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

// {SERVICE}_PORT_443_TCP
bool names_a_port(std::string_view name) {
  if (std::ranges::none_of(protocol_endings,
                           [&name](std::string_view end) { return take_end(name, end); })) {
    return false;
  }
  const std::size_t before_digits = name.find_last_not_of("0123456789");
  return before_digits != npos && before_digits + 1 < name.size() &&
         name.substr(0, before_digits + 1).ends_with("_PORT_");
}

bool is_address(std::string_view value) {
  const std::string text(value);
  in6_addr address{};  // as long as an IPv4 address, and longer
  return text.find('\0') == std::string::npos && (inet_pton(AF_INET, text.c_str(), &address) == 1 ||
                                                  inet_pton(AF_INET6, text.c_str(), &address) == 1);
}

bool is_port(std::string_view value) {
  std::uint16_t port = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, port);
  return error == std::errc() && stop == end && port != 0;
}

bool is_protocol(std::string_view value) {
  return std::ranges::find(protocols, value) != std::end(protocols);
}

// tcp://10.0.0.1:443, tcp://[fd00::1]:443
bool is_url(std::string_view value) {
  const std::size_t scheme = value.find("://");
  const std::size_t colon = value.rfind(':');
  if (scheme == npos || colon == scheme) return false;
  std::string_view host = value.substr(scheme + 3, colon - scheme - 3);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return is_protocol(value.substr(0, scheme)) && is_address(host) &&
         is_port(value.substr(colon + 1));
}

}  // namespace

bool is_service_link(std::string_view name, std::string_view value) {
  const auto port_with = [name](std::string_view end) {
    std::string_view port = name;
    return take_end(port, end) && names_a_port(port);
  };
  if (name.ends_with("_SERVICE_HOST") || port_with("_ADDR")) return is_address(value);
  if (port_with("_PROTO")) return is_protocol(value);
  if (port_with("_PORT")) return is_port(value);
  if ((name.ends_with("_PORT") || names_a_port(name)) && is_url(value)) return true;
  // The name of a port follows, if it has one.
  return (name.ends_with("_SERVICE_PORT") || name.find("_SERVICE_PORT_") != npos) && is_port(value);
}

}  // namespace leasehold::detail
