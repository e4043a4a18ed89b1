#include "leasehold/alpaca/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "core/quote.hpp"

namespace leasehold::alpaca {
namespace {

constexpr std::size_t kFinest = 9;  // decimals of a billionth

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// A value by its digits: `digits` × 10^-`scale`. No leading zero; none at all for 0.
struct Digits {
  bool negative = false;
  std::string digits = {};
  std::size_t scale = 0;
};

// Of a text as Decimal::text() writes it.
struct Written {
  bool negative;
  std::string_view whole;
  std::string_view fraction;

  explicit Written(std::string_view text) noexcept : negative(text.starts_with('-')) {
    if (negative) text.remove_prefix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    whole = text.substr(0, point);
    fraction = text.substr(std::min(point + 1, text.size()));
  }
};

Digits digits_of(std::string_view text) {
  const Written written(text);
  Digits result{.negative = written.negative, .scale = written.fraction.size()};
  if (written.whole != "0") result.digits = written.whole;
  result.digits += written.fraction;
  result.digits.erase(0, std::min(result.digits.find_first_not_of('0'), result.digits.size()));
  return result;
}

// To the one form of a value.
void shorten(Digits& value) {
  std::string& digits = value.digits;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  while (value.scale != 0 && digits.ends_with('0')) {
    digits.pop_back();
    --value.scale;
  }
  if (digits.empty()) value = {};
}

// Written out. REQUIRES: in the shortest form.
bool has_too_many_digits(const Digits& value) {
  return std::max(value.digits.size(), value.scale + 1) > Decimal::kMaxDigits;
}

std::string text_of(const Digits& value) {
  std::string text = value.negative ? "-" : "";
  std::string digits = value.digits;
  if (digits.size() <= value.scale) digits.insert(0, value.scale + 1 - digits.size(), '0');
  text.append(digits, 0, digits.size() - value.scale);
  if (value.scale != 0) text.append(".").append(digits, digits.size() - value.scale);
  return text;
}

std::optional<std::int64_t> billionths_of(const Digits& value) {
  if (value.scale > kFinest) return std::nullopt;
  const std::string digits = value.digits + std::string(kFinest - value.scale, '0');
  std::uint64_t count = 0;
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, count).ec != std::errc()) return std::nullopt;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (count > most + (value.negative ? 1 : 0)) return std::nullopt;
  // Modulo 2^64, which makes the least value of the greatest.
  return static_cast<std::int64_t>(value.negative ? 0 - count : count);
}

// The digits of both with as many decimals.
std::pair<std::string, std::string> aligned(const Digits& a, const Digits& b) {
  const std::size_t scale = std::max(a.scale, b.scale);
  std::string first = a.digits + std::string(scale - a.scale, '0');
  std::string second = b.digits + std::string(scale - b.scale, '0');
  const std::size_t length = std::max(first.size(), second.size());
  first.insert(0, length - first.size(), '0');
  second.insert(0, length - second.size(), '0');
  return {std::move(first), std::move(second)};
}

Digits sum(const Digits& a, const Digits& b) {
  auto [first, second] = aligned(a, b);
  Digits result{.negative = a.negative, .scale = std::max(a.scale, b.scale)};
  const bool differ = a.negative != b.negative;
  if (differ && first < second) {
    std::swap(first, second);
    result.negative = b.negative;
  }
  int carry = 0;
  for (std::size_t at = first.size(); at-- != 0;) {
    const int other = second[at] - '0' + carry;
    int digit = first[at] - '0' + (differ ? -other : other);
    carry = digit < 0 || digit > 9 ? 1 : 0;
    if (carry != 0) digit += differ ? 10 : -10;
    first[at] = static_cast<char>('0' + digit);
  }
  if (carry != 0) first.insert(0, 1, '1');
  result.digits = std::move(first);
  return result;
}

Digits product(const Digits& a, const Digits& b) {
  std::vector<std::uint32_t> places(a.digits.size() + b.digits.size());  // the least one last
  for (std::size_t i = a.digits.size(); i-- != 0;) {
    std::uint32_t carry = 0;
    for (std::size_t j = b.digits.size(); j-- != 0;) {
      std::uint32_t& place = places[i + j + 1];
      place += static_cast<std::uint32_t>((a.digits[i] - '0') * (b.digits[j] - '0')) + carry;
      carry = place / 10;
      place %= 10;
    }
    places[i] += carry;
  }
  Digits result{.negative = a.negative != b.negative, .scale = a.scale + b.scale};
  for (const std::uint32_t place : places) result.digits += static_cast<char>('0' + place);
  return result;
}

// Room for billionths, written out.
using Buffer = std::array<char, 24>;

std::string_view write_billionths(std::int64_t billionths, Buffer& buffer) noexcept {
  constexpr std::uint64_t billion = 1'000'000'000;
  const auto bits = static_cast<std::uint64_t>(billionths);
  const std::uint64_t count = billionths < 0 ? 0 - bits : bits;
  char* at = buffer.data();
  if (billionths < 0) *at++ = '-';
  at = std::to_chars(at, buffer.data() + buffer.size(), count / billion).ptr;
  if (std::uint64_t fraction = count % billion; fraction != 0) {
    *at = '.';
    for (std::size_t place = kFinest; place != 0; --place) {
      at[place] = static_cast<char>('0' + fraction % 10);
      fraction /= 10;
    }
    at += kFinest + 1;
    while (at[-1] == '0') --at;
  }
  return {buffer.data(), static_cast<std::size_t>(at - buffer.data())};
}

}  // namespace

DecimalError::~DecimalError() = default;

Decimal::Decimal(std::string_view text) {
  std::optional<Decimal> parsed = parse(text);
  if (!parsed) {
    throw DecimalError(detail::quoted(text) + ": expected a decimal number, such as -150.25");
  }
  *this = *std::move(parsed);
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  constexpr int farthest = 10'000;  // exponent: what is beyond has too many digits in any case
  Digits value;
  const auto take = [&](char wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
  };
  const auto take_digits = [&] {
    const std::size_t count = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    value.digits += text.substr(0, count);
    text.remove_prefix(count);
    return count;
  };

  value.negative = take('-');
  if (!value.negative) take('+');
  if (take_digits() == 0) return std::nullopt;
  if (take('.')) {
    value.scale = take_digits();
    if (value.scale == 0) return std::nullopt;
  }
  int exponent = 0;
  if (take('e') || take('E')) {
    if (take('+') && text.starts_with('-')) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc() || exponent > farthest || exponent < -farthest) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;

  shorten(value);
  if (value.digits.empty()) return Decimal();
  if (exponent < 0) {
    value.scale += static_cast<std::size_t>(-exponent);
  } else {
    const auto up = static_cast<std::size_t>(exponent);
    const std::size_t into_scale = std::min(up, value.scale);
    value.scale -= into_scale;
    value.digits.append(up - into_scale, '0');
  }
  shorten(value);
  if (has_too_many_digits(value)) return std::nullopt;
  Decimal result;
  if (const std::optional<std::int64_t> billionths = billionths_of(value)) {
    result.billionths_ = *billionths;
  } else {
    result.long_ = text_of(value);
  }
  return result;
}

std::string Decimal::text() const {
  if (is_long()) return long_;
  Buffer buffer;
  return std::string(write_billionths(billionths_, buffer));
}

std::size_t Decimal::decimals() const noexcept {
  Buffer buffer;
  return Written(is_long() ? std::string_view(long_) : write_billionths(billionths_, buffer))
      .fraction.size();
}

namespace {

std::optional<Decimal> decimal_of(Digits value) {
  shorten(value);
  return Decimal::parse(text_of(value));
}

}  // namespace

std::optional<Decimal> Decimal::plus(const Decimal& other) const {
  std::int64_t result = 0;
  if (!is_long() && !other.is_long() &&
      !__builtin_add_overflow(billionths_, other.billionths_, &result)) {
    return from_billionths(result);
  }
  return decimal_of(sum(digits_of(text()), digits_of(other.text())));
}

std::optional<Decimal> Decimal::minus(const Decimal& other) const { return plus(-other); }

std::optional<Decimal> Decimal::times(const Decimal& other) const {
  std::int64_t result = 0;
  if (!is_long() && !other.is_long() &&
      !__builtin_mul_overflow(billionths_, other.billionths_, &result) && result % kBillion == 0) {
    return from_billionths(result / kBillion);
  }
  return decimal_of(product(digits_of(text()), digits_of(other.text())));
}

Decimal Decimal::operator-() const {
  if (!is_long() && billionths_ != std::numeric_limits<std::int64_t>::min()) {
    return from_billionths(-billionths_);
  }
  const std::string negated = text();
  return Decimal(sign() < 0 ? negated.substr(1) : '-' + negated);
}

std::strong_ordering Decimal::compare(const Decimal& a, const Decimal& b) noexcept {
  Buffer first, second;
  Written left(a.is_long() ? std::string_view(a.long_) : write_billionths(a.billionths_, first));
  Written right(b.is_long() ? std::string_view(b.long_) : write_billionths(b.billionths_, second));
  if (left.negative != right.negative) {
    return left.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (left.negative) std::swap(left, right);
  std::strong_ordering order = left.whole.size() <=> right.whole.size();
  if (std::is_eq(order)) order = left.whole <=> right.whole;
  if (std::is_eq(order)) order = left.fraction <=> right.fraction;
  return order;
}

}  // namespace leasehold::alpaca
