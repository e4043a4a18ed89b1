#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/origin.hpp"
#include "core/probe.hpp"
#include "core/quote.hpp"
#include "core/settings_table.hpp"

// Kinds of fields: how a value is written, and which values are accepted. Each has
//   json_type            how JSON writes it
//   expected(refused)    the words that follow "expected", which may depend on what was refused
//   parse(text)          the value, or none if it is not written so
//   valid(value)         whether it is one of those that are accepted
//   text(value)          as parse() takes it
namespace leasehold::detail::kinds {

// The number that `text` starts with, and what follows it.
struct Leading {
  std::uint64_t number;
  std::string_view rest;
};
inline std::optional<Leading> leading_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  return Leading{number, {stop, end}};
}

template <std::size_t least, std::size_t most>
struct Whole {
  static constexpr JsonType json_type = JsonType::number;
  static std::string expected(std::string_view) {
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  }
  static std::optional<std::size_t> parse(std::string_view text) {
    const auto leading = leading_number(text);
    if (!leading || !leading->rest.empty() || leading->number > most) return std::nullopt;
    return static_cast<std::size_t>(leading->number);
  }
  static bool valid(std::size_t value) { return std::clamp(value, least, most) == value; }
  static std::string text(std::size_t value) { return std::to_string(value); }
};

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
inline constexpr Unit units[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

// In the largest unit that leaves no fraction.
inline std::string duration_text(std::int64_t milliseconds) {
  for (const Unit& unit : units) {
    if (milliseconds != 0 && milliseconds % unit.milliseconds == 0) {
      return std::to_string(milliseconds / unit.milliseconds).append(unit.name);
    }
  }
  return "0ms";
}

template <std::int64_t least_ms, std::int64_t most_ms>
struct Duration {
  using Value = std::chrono::milliseconds;
  static constexpr JsonType json_type = JsonType::string;
  static std::string expected(std::string_view) {
    return "a whole number and its unit (ms, s, m or h), from " + duration_text(least_ms) + " to " +
           duration_text(most_ms);
  }
  static std::optional<Value> parse(std::string_view text) {
    const auto leading = leading_number(text);
    if (!leading) return std::nullopt;
    const auto unit = std::ranges::find(units, leading->rest, &Unit::name);
    // Dividing the limit, for the product may overflow.
    if (unit == std::end(units) ||
        leading->number > static_cast<std::uint64_t>(most_ms / unit->milliseconds)) {
      return std::nullopt;
    }
    return Value(static_cast<std::int64_t>(leading->number) * unit->milliseconds);
  }
  static bool valid(Value value) { return value >= Value(least_ms) && value <= Value(most_ms); }
  static std::string text(Value value) { return duration_text(value.count()); }
};

struct Flag {
  static constexpr JsonType json_type = JsonType::boolean;
  static std::string expected(std::string_view) { return "true or false"; }
  static std::optional<bool> parse(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  }
  static bool valid(bool) { return true; }
  static std::string text(bool value) { return value ? "true" : "false"; }
};

struct Tls {
  static constexpr JsonType json_type = JsonType::string;
  static std::string expected(std::string_view) { return R"("1.2" or "1.3")"; }
  static std::optional<TlsVersion> parse(std::string_view text) {
    if (text == "1.2") return TlsVersion::tls1_2;
    if (text == "1.3") return TlsVersion::tls1_3;
    return std::nullopt;
  }
  static bool valid(TlsVersion value) {
    return value == TlsVersion::tls1_2 || value == TlsVersion::tls1_3;
  }
  static std::string text(TlsVersion value) {
    if (value == TlsVersion::tls1_2) return "1.2";
    if (value == TlsVersion::tls1_3) return "1.3";
    return "TlsVersion(" + std::to_string(static_cast<int>(value)) + ")";
  }
};

struct String {
  static constexpr JsonType json_type = JsonType::string;
  static std::optional<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string text(const std::string& value) { return value; }
};

struct OriginUrl : String {
  static std::string expected(std::string_view refused) {
    return std::string(origin_problem(refused));
  }
  static bool valid(const std::string& value) { return origin_problem(value).empty(); }
};

struct Path : String {
  static std::string expected(std::string_view) { return "a path without NUL bytes, or nothing"; }
  static bool valid(const std::string& value) { return value.find('\0') == std::string::npos; }
};

struct ProbeRequest : String {
  static std::string expected(std::string_view) {
    return R"("GET" or "HEAD", a space, and a path that begins with "/")";
  }
  static bool valid(const std::string& value) { return parse_probe(value).has_value(); }
};

// Names are shown whole wherever pools are told apart, so none may hold a credential.
template <std::size_t most>
struct Name : String {
  static std::string expected(std::string_view refused) {
    if (is_url_or_login(refused)) return "a name, which is shown in errors and metrics, not a URL";
    return "1 to " + std::to_string(most) + " printable ASCII characters";
  }
  static bool valid(const std::string& value) {
    return !value.empty() && value.size() <= most &&
           std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }) &&
           !is_url_or_login(value);
  }
};

}  // namespace leasehold::detail::kinds
