#include "paper/server/http_text.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace leasehold::paper::detail {

namespace {

constexpr bool is_hex_digit(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

// RFC 3986: unreserved and sub-delims.
constexpr bool is_host_character(char c) {
  constexpr std::string_view marks = "-._~!$&'()*+,;=";
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != marks.npos;
}

// RFC 3986's reg-name, which an IPv4 address is too.
bool is_host_name(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      if (at + 2 >= text.size() || !is_hex_digit(text[at + 1]) || !is_hex_digit(text[at + 2])) {
        return false;
      }
      at += 2;
    } else if (!is_host_character(text[at])) {
      return false;
    }
  }
  return true;
}

// What stands in brackets: an IPv6 address without a zone, or one of a version to come ("v7.x:y").
bool is_bracketed_address(std::string_view text) {
  if (!text.empty() && lower(text.front()) == 'v') {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view version = text.substr(1, dot - 1);
    const std::string_view address = text.substr(std::min(dot + 1, text.size()));
    return !version.empty() && std::all_of(version.begin(), version.end(), is_hex_digit) &&
           !address.empty() && std::all_of(address.begin(), address.end(), [](char c) {
             return is_host_character(c) || c == ':';
           });
  }
  in6_addr address;
  const auto of_ipv6 = [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; };
  return std::all_of(text.begin(), text.end(), of_ipv6) &&
         ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  std::string_view port;  // ":" and digits
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_bracketed_address(text.substr(1, end - 1))) {
      return false;
    }
    port = text.substr(end + 1);
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    if (!is_host_name(text.substr(0, end))) return false;
    port = text.substr(end);
  }
  return port.empty() ||
         (port.front() == ':' && std::all_of(port.begin() + 1, port.end(), is_digit));
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      const std::string_view digits = text.substr(at + 1, 2);
      unsigned char octet = 0;
      const char* const end = digits.data() + digits.size();
      const auto parsed = std::from_chars(digits.data(), end, octet, 16);
      if (digits.size() != 2 || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
      decoded += static_cast<char>(octet);
      at += 2;
    }
  }
  return decoded;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decoded(pair.substr(0, equals), true) == name) {
      return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

}  // namespace leasehold::paper::detail
