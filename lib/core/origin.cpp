#include "core/origin.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "core/http_grammar.hpp"
#include "leasehold/settings_error.hpp"

namespace leasehold::detail {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view host_letters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

struct Parsed {
  Origin origin;
  std::string_view problem;  // empty: `origin` is complete
};

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  return host.find_first_not_of("0123456789abcdef:.") == std::string::npos &&
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 &&
         label.find_first_not_of(host_letters) == std::string_view::npos && label.front() != '-' &&
         label.back() != '-';
}

// A last label of digits only makes it an address: resolvers read "10.1" as 10.0.0.1, and nobody
// means that.
std::optional<HostKind> name_or_ipv4(const std::string& host) {
  if (host.size() > 253) return std::nullopt;
  std::string_view rest = host;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!is_label(label)) return std::nullopt;
    if (dot == std::string_view::npos) {
      if (label.find_first_not_of(digits) != std::string_view::npos) return HostKind::name;
      in_addr address;
      if (inet_pton(AF_INET, host.c_str(), &address) == 1) return HostKind::ipv4;
      return std::nullopt;
    }
    rest.remove_prefix(dot + 1);
  }
}

// 0 if `text` is not a port.
int parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end ? port : 0;
}

Parsed parse(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  if (lower_case(text.substr(0, scheme.size())) != scheme) {
    return {{}, R"("https://host" or "https://host:port")"};
  }
  const std::string_view rest = text.substr(scheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view path = rest.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) return {{}, "no user name or password"};
  if (!path.empty() && path != "/") return {{}, R"(nothing after host and port but one "/")"};

  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end = authority.find(bracketed ? ']' : ':');
  if (bracketed && host_end == std::string_view::npos) return {{}, R"(a "]" after the address)"};

  Origin origin;
  std::string_view after;  // the host: "" or ":port"
  if (bracketed) {
    origin.host = lower_case(authority.substr(1, host_end - 1));
    origin.kind = HostKind::ipv6;
    after = authority.substr(host_end + 1);
    if (!is_ipv6(origin.host)) return {{}, "an IPv6 address, without a zone, in the brackets"};
  } else {
    origin.host = lower_case(authority.substr(0, host_end));
    after = authority.substr(origin.host.size());
    if (std::ranges::count(after, ':') > 1) {
      return {{}, R"(an IPv6 address in brackets, as in "https://[::1]")"};
    }
    if (origin.host.empty()) return {{}, R"(a host after "https://")"};
    const auto kind = name_or_ipv4(origin.host);
    if (!kind) return {{}, "a DNS name or an IP address as the host"};
    origin.kind = *kind;
  }
  if (!after.empty()) {
    if (after.front() != ':') return {{}, R"(":port" or nothing after the "]")"};
    origin.port = parse_port(after.substr(1));
    if (origin.port == 0) return {{}, "a port from 1 to 65535"};
  }
  return {origin, {}};
}

}  // namespace

Origin parse_origin(std::string_view text) {
  Parsed parsed = parse(text);
  if (!parsed.problem.empty()) {
    throw SettingsError("client.origin", std::string(text), std::string(parsed.problem));
  }
  return std::move(parsed.origin);
}

std::string_view origin_problem(std::string_view text) { return parse(text).problem; }

}  // namespace leasehold::detail
