#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/settings_error.hpp"

namespace leasehold {

// The programs' options come as text, so that what is wrong with one is said in one way: option,
// value and expectation, as a SettingsError.

inline std::uint64_t whole_number(const char* option, const std::string& text, std::uint64_t least,
                                  std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && value >= least && value <= most) return value;
  throw SettingsError(
      option, text, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

struct TimeRange {
  std::chrono::microseconds least;
  std::chrono::microseconds most;
  bool in_minutes;                    // m is a unit, beside us, ms and s
  const char* expected;               // what is said here, in words
  std::chrono::microseconds step{1};  // only multiples of it
};

inline std::chrono::microseconds time_span(const char* option, const std::string& text,
                                           const TimeRange& range) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  std::int64_t in_us = 0;
  if (unit == "us") in_us = 1;
  if (unit == "ms") in_us = 1'000;
  if (unit == "s") in_us = 1'000'000;
  if (unit == "m" && range.in_minutes) in_us = 60'000'000;
  if (error != std::errc() || in_us == 0 || number < 0 || number > range.most.count() / in_us ||
      number * in_us < range.least.count() || number * in_us % range.step.count() != 0) {
    throw SettingsError(option, text, range.expected);
  }
  return std::chrono::microseconds(number * in_us);
}

// For the arguments that no option took, of which CLI11 would print all, values and secrets too.
// Names the first, without a value that follows an equals sign.
inline SettingsError unknown_argument(const std::vector<std::string>& remaining) {
  const std::string name = remaining.empty() ? "" : remaining.front();
  return {"argument", name.substr(0, name.find('=')), "an option that --help lists"};
}

}  // namespace leasehold
