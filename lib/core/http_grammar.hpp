#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace leasehold::detail {

// The character classes and small grammars of RFC 9110, independent of the locale.

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// A path with its query as it stands in a request: visible ASCII from "/" on, and no fragment.
constexpr bool is_request_path(std::string_view text) noexcept {
  return text.starts_with('/') &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

enum class CharClass : std::uint8_t { token = 1, field = 2 };

inline constexpr auto char_classes = [] {
  std::array<std::uint8_t, 256> classes{};
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (std::size_t octet = 0; octet < classes.size(); ++octet) {
    const char c = static_cast<char>(octet);
    const bool token =
        is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != marks.npos;
    const bool field = c == '\t' || (octet >= 0x20 && octet != 0x7f);
    classes[octet] = static_cast<std::uint8_t>((token ? 1 : 0) | (field ? 2 : 0));
  }
  return classes;
}();

constexpr bool is(CharClass wanted, char c) noexcept {
  return (char_classes[static_cast<unsigned char>(c)] & static_cast<std::uint8_t>(wanted)) != 0;
}

// How many characters at the beginning are of this class.
constexpr std::size_t span_of(CharClass wanted, std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size() && is(wanted, text[at])) ++at;
  return at;
}

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && span_of(CharClass::token, text) == text.size();
}

// Visible characters, spaces, tabs and obs-text: no other control character.
constexpr bool is_field_value(std::string_view text) noexcept {
  return span_of(CharClass::field, text) == text.size();
}

// Without spaces and tabs at the ends.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `use` with each element of a comma-separated list, trimmed; elements may be empty.
template <typename Use>
constexpr void for_each_listed(std::string_view list, Use use) {
  for (;;) {
    const std::size_t comma = list.find(',');
    use(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace leasehold::detail
