#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace leasehold::paper::detail {

// The character classes and small grammars of RFC 9110 and RFC 3986.

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

inline bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != marks.npos;
  });
}

inline bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet == '\t' || (octet >= 0x20 && octet != 0x7f);
  });
}

// Without spaces and tabs at the ends.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `use` with each element of a comma-separated list.
template <typename Use>
void for_each_listed(std::string_view list, Use use) {
  for (;;) {
    const std::size_t comma = list.find(',');
    use(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// Whether this is a host with or without a port, as in a Host header: a name (it may be empty), an
// IPv4 address, or an IP address in brackets; then nothing, or ":" and digits (or none).
bool is_host_and_port(std::string_view text);

// Undoes percent-encoding, and '+' for a space if asked (query strings). Nothing for a '%' without
// two hex digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// The decoded value of the first query parameter of this name; nothing if there is none, or if it
// is not decodable.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace leasehold::paper::detail
