#include "paper/market/decimal.hpp"

#include <charconv>
#include <limits>

namespace leasehold::paper::detail {

namespace {

constexpr int kDecimals = 9;
constexpr std::size_t kMaxText = 64;  // longer than any value that fits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);

  // The digits before and after the point as one whole number, and the power of ten it is short of.
  std::string digits;
  int power = kDecimals;
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) digits += text[at++];
  if (digits.empty()) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = ++at;
    while (at < text.size() && is_digit(text[at])) digits += text[at++];
    if (at == fraction) return std::nullopt;
    power -= static_cast<int>(at - fraction);
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at + 1 < text.size() && text[at] == '+' && is_digit(text[at + 1])) ++at;
    int exponent = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + at, end, exponent);
    if (error != std::errc() || exponent < -99 || exponent > 99) return std::nullopt;
    at = static_cast<std::size_t>(rest - text.data());
    power += exponent;
  }
  if (at != text.size()) return std::nullopt;

  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++power;
  }
  if (digits.find_first_not_of('0') == std::string::npos) return Decimal{};
  if (power < 0) return std::nullopt;  // more than 9 decimals
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  std::int64_t value = 0;
  const auto shift_in = [&](int digit) {
    if (value > (limit - digit) / 10) return false;
    value = value * 10 + digit;
    return true;
  };
  for (const char c : digits) {
    if (!shift_in(c - '0')) return std::nullopt;
  }
  for (; power > 0; --power) {
    if (!shift_in(0)) return std::nullopt;
  }
  return Decimal{negative ? -value : value};
}

std::string Decimal::text() const {
  constexpr std::int64_t one = 1'000'000'000;
  const std::int64_t whole = nano / one;
  std::int64_t fraction = nano % one;
  if (fraction < 0) fraction = -fraction;
  std::string result = nano < 0 && whole == 0 ? "-0" : std::to_string(whole);
  if (fraction == 0) return result;
  const std::string padded = std::to_string(one + fraction);  // a leading 1 keeps the zeros
  result += '.';
  result.append(padded, 1, padded.find_last_not_of('0'));
  return result;
}

}  // namespace leasehold::paper::detail
