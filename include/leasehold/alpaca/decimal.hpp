#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "leasehold/export.hpp"

namespace leasehold::alpaca {

// Thrown by Decimal's constructor for a text that is no decimal number. what() shows it and what
// was expected:
//   "1,5": expected a decimal number, such as -150.25
class LEASEHOLD_API DecimalError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
  ~DecimalError() override;
};

// An exact decimal number: a price, a quantity, an amount of money. No floating point comes near
// it, nothing is ever rounded, and numbers with the same value are equal however they were written.
//
//   const Decimal price("290.12");
//   const Decimal qty = Decimal::of(3);
//   const std::optional<Decimal> cost = price.times(qty);  // 870.36
//
// Promise: every operation is exact, or says that it cannot be: what venues send may have more
//   decimals than any order may, and is kept whole ("122011.09751111286868").
// Thread: a value; as an int.
// Cost: a whole number of billionths from -9.2e9 to 9.2e9 costs no memory beyond the object, and
//   operations on such numbers that have such a result are a few instructions. Others are texts.
class LEASEHOLD_API Decimal {
 public:
  // The most digits that a number may have, those before and after the point together.
  static constexpr std::size_t kMaxDigits = 1000;

  constexpr Decimal() noexcept = default;  // 0
  // As parse(); throws DecimalError, and std::bad_alloc.
  explicit Decimal(std::string_view text);

  // So many units.
  static constexpr Decimal of(std::int32_t units) noexcept {
    return from_billionths(std::int64_t{units} * kBillion);
  }
  // So many billionths of a unit: the finest step of an order's prices and quantities.
  static constexpr Decimal from_billionths(std::int64_t count) noexcept {
    Decimal result;
    result.billionths_ = count;
    return result;
  }
  // JSON's numbers, and a little more: an optional sign, digits, perhaps a point and more digits,
  // perhaps an exponent. Nothing if it is something else, or has more than kMaxDigits when it is
  // written out. Throws std::bad_alloc.
  static std::optional<Decimal> parse(std::string_view text);

  // Written out, without superfluous zeros: "150", "-0.5". What parse() makes of it is equal.
  std::string text() const;
  // The value in billionths; nothing if it is no whole number of them, or too large.
  std::optional<std::int64_t> billionths() const noexcept {
    if (is_long()) return std::nullopt;
    return billionths_;
  }
  // Digits after the point: 0 for 150, 1 for 0.5.
  std::size_t decimals() const noexcept;
  // -1, 0 or 1.
  int sign() const noexcept {
    if (is_long()) return long_.front() == '-' ? -1 : 1;
    return (billionths_ > 0 ? 1 : 0) - (billionths_ < 0 ? 1 : 0);
  }

  // Exact; nothing if the result has more than kMaxDigits. They throw std::bad_alloc.
  [[nodiscard]] std::optional<Decimal> plus(const Decimal& other) const;
  [[nodiscard]] std::optional<Decimal> minus(const Decimal& other) const;
  [[nodiscard]] std::optional<Decimal> times(const Decimal& other) const;
  Decimal operator-() const;

  friend bool operator==(const Decimal& a, const Decimal& b) noexcept {
    return a.billionths_ == b.billionths_ && a.long_ == b.long_;
  }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) noexcept {
    if (!a.is_long() && !b.is_long()) return a.billionths_ <=> b.billionths_;
    return compare(a, b);
  }

 private:
  static constexpr std::int64_t kBillion = 1'000'000'000;

  // Every value has one form: billionths if it is a whole number of them that fits.
  bool is_long() const noexcept { return !long_.empty(); }
  static std::strong_ordering compare(const Decimal& a, const Decimal& b) noexcept;

  std::int64_t billionths_ = 0;
  std::string long_;  // as text() has it; then billionths_ is 0
};

}  // namespace leasehold::alpaca
