// Decimals against arithmetic on whole numbers of any size, which stands only here.
#include "leasehold/alpaca/decimal.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace leasehold::alpaca;

namespace {

// A whole number of any size, in base 1,000, the least place first; slow, and plain.
class Big {
 public:
  Big() = default;
  explicit Big(std::string digits) {
    negative_ = digits.starts_with('-');
    if (negative_) digits.erase(0, 1);
    while (!digits.empty()) {
      const std::size_t from = digits.size() > 3 ? digits.size() - 3 : 0;
      places_.push_back(std::stoi(digits.substr(from)));
      digits.resize(from);
    }
    trim();
  }

  friend Big operator+(const Big& a, const Big& b) {
    Big sum;
    if (a.negative_ == b.negative_) {
      sum.negative_ = a.negative_;
      sum.places_ = a.places_;
      sum.places_.resize(std::max(a.places_.size(), b.places_.size()) + 1);
      for (std::size_t i = 0; i < b.places_.size(); ++i) sum.places_[i] += b.places_[i];
    } else {
      const bool a_leads = std::is_gteq(magnitude(a, b));
      const Big& more = a_leads ? a : b;
      const Big& less = a_leads ? b : a;
      sum.negative_ = more.negative_;
      sum.places_ = more.places_;
      for (std::size_t i = 0; i < less.places_.size(); ++i) sum.places_[i] -= less.places_[i];
    }
    sum.carry();
    return sum;
  }
  friend Big operator*(const Big& a, const Big& b) {
    Big product;
    product.negative_ = a.negative_ != b.negative_;
    product.places_.resize(a.places_.size() + b.places_.size() + 1);
    for (std::size_t i = 0; i < a.places_.size(); ++i) {
      for (std::size_t j = 0; j < b.places_.size(); ++j) {
        product.places_[i + j] += a.places_[i] * b.places_[j];
      }
    }
    product.carry();
    return product;
  }
  friend bool operator==(const Big&, const Big&) = default;
  friend std::strong_ordering operator<=>(const Big& a, const Big& b) {
    if (a.negative_ != b.negative_) return b.negative_ <=> a.negative_;
    return a.negative_ ? magnitude(b, a) : magnitude(a, b);
  }

 private:
  static std::strong_ordering magnitude(const Big& a, const Big& b) {
    if (a.places_.size() != b.places_.size()) return a.places_.size() <=> b.places_.size();
    return std::lexicographical_compare_three_way(a.places_.rbegin(), a.places_.rend(),
                                                  b.places_.rbegin(), b.places_.rend());
  }
  void carry() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      while (places_[i] < 0) {
        places_[i] += 1000;
        --places_[i + 1];
      }
      if (places_[i] >= 1000) {
        if (i + 1 == places_.size()) places_.push_back(0);
        places_[i + 1] += places_[i] / 1000;
        places_[i] %= 1000;
      }
    }
    trim();
  }
  void trim() {
    while (!places_.empty() && places_.back() == 0) places_.pop_back();
    if (places_.empty()) negative_ = false;
  }

  bool negative_ = false;
  std::vector<int> places_;
};

// The number × 10^`scale`, which makes it whole.
Big whole(const std::string& text, std::size_t scale) {
  std::string digits = text;
  std::size_t decimals = 0;
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    decimals = digits.size() - point - 1;
    digits.erase(point, 1);
  }
  return Big(digits + std::string(scale - decimals, '0'));
}

std::string negated(const std::string& text) {
  return text.starts_with('-') ? text.substr(1) : '-' + text;
}

// Numbers of all kinds: short and long, near the limits of billionths, close to each other.
class Numbers {
 public:
  std::string next() {
    std::string text = pick(2) == 0 ? "-" : "";
    switch (pick(4)) {
      case 0:
        return text + std::to_string(pick(100));
      case 1:
        return text + std::to_string(pick(1000)) + "." + digits(1 + pick(9));
      case 2:  // 2^63 billionths, and some more or less
        return text + "922337203" + std::to_string(pick(10)) + "." + digits(1 + pick(12));
      default:
        return text + std::to_string(1 + pick(9)) + digits(pick(25)) + "." + digits(1 + pick(25));
    }
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  std::string digits(std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + pick(10));
    return text;
  }
  std::mt19937_64 random_{7};
};

constexpr std::size_t kScale = 60;  // more decimals than any of these, or their products, have

}  // namespace

TEST_CASE("a decimal is the number that was written, in its shortest form") {
  struct Row {
    const char* text;
    const char* shortest;
  };
  const Row rows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"0.000", "0"},
      {"0e999", "0"},
      {"150", "150"},
      {"+150", "150"},
      {"0150.2500", "150.25"},
      {"-0.5", "-0.5"},
      {"1e3", "1000"},
      {"1.5E-7", "0.00000015"},
      {"12.5e+1", "125"},
      {"0.057436865", "0.057436865"},
      {"122011.09751111286868", "122011.09751111286868"},
      {"9223372036.854775807", "9223372036.854775807"},
      {"9223372036.854775808", "9223372036.854775808"},
      {"-9223372036.854775808", "-9223372036.854775808"},
      {"-9223372036.854775809", "-9223372036.854775809"},
      {"0.0000000001", "0.0000000001"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1e-30", "0.000000000000000000000000000001"},
      {"100e-2", "1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = Decimal::parse(row.text);
    REQUIRE(parsed);
    CHECK(parsed->text() == row.shortest);
    CHECK(*parsed == Decimal(row.shortest));
  }
}

TEST_CASE("what is no decimal number is refused, with the text and what was expected") {
  for (const char* text : {"",         "-",
                           "+",        ".",
                           ".5",       "5.",
                           "1,5",      " 1",
                           "1 ",       "--1",
                           "+-1",      "1e",
                           "1e+",      "1e+-2",
                           "1e1.5",    "0x10",
                           "NaN",      "nan",
                           "Infinity", "-inf",
                           "1e10001",  "1e-99999999999999999999",
                           "1_000",    "\xef\xbc\x91"}) {
    CAPTURE(text);
    CHECK_FALSE(Decimal::parse(text));
  }
  CHECK_FALSE(Decimal::parse(std::string_view("1\0", 2)));
  CHECK_THROWS_WITH_AS(Decimal("1,5"), R"("1,5": expected a decimal number, such as -150.25)",
                       DecimalError);
}

TEST_CASE("a number may have a thousand digits, and not one more") {
  const std::string most(Decimal::kMaxDigits, '7');
  CHECK(Decimal(most).text() == most);
  CHECK_FALSE(Decimal::parse(most + "7"));
  CHECK(Decimal("1e999").text().size() == 1000);
  CHECK_FALSE(Decimal::parse("1e1000"));
  CHECK(Decimal("1e-999").decimals() == 999);
  CHECK_FALSE(Decimal::parse("1e-1000"));
  // Zeros that say nothing do not count.
  CHECK(Decimal::parse(std::string(5000, '0') + "1." + std::string(5000, '0')) == Decimal::of(1));
  // Nothing is rounded to make a result fit.
  CHECK_FALSE(Decimal(most).plus(Decimal("0.1")));
  CHECK_FALSE(Decimal("1e999").times(Decimal::of(10)));
  CHECK_FALSE(Decimal("-1e999").minus(Decimal("9e999")));
}

TEST_CASE("billionths are what orders are sent in, or say that the value is none") {
  CHECK(Decimal("0.057436865").billionths() == 57'436'865);
  CHECK(Decimal("-1.5").billionths() == -1'500'000'000);
  CHECK(Decimal::of(3).billionths() == 3'000'000'000);
  CHECK(Decimal("9223372036.854775807").billionths() == std::numeric_limits<std::int64_t>::max());
  CHECK(Decimal("-9223372036.854775808").billionths() == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(Decimal("9223372036.854775808").billionths());
  CHECK_FALSE(Decimal("-9223372036.854775809").billionths());
  CHECK_FALSE(Decimal("0.0000000001").billionths());
  CHECK(Decimal::from_billionths(std::numeric_limits<std::int64_t>::min()).text() ==
        "-9223372036.854775808");
  CHECK(Decimal("1.000000000000").billionths() == 1'000'000'000);
}

TEST_CASE("decimals and sign are those of the value") {
  CHECK(Decimal("1.50").decimals() == 1);
  CHECK(Decimal("100").decimals() == 0);
  CHECK(Decimal("-0.000000001").decimals() == 9);
  CHECK(Decimal("0.12345678901").decimals() == 11);
  CHECK(Decimal("-0.0").sign() == 0);
  CHECK(Decimal("-0.00000000000001").sign() == -1);
  CHECK(Decimal("1e20").sign() == 1);
  CHECK(Decimal().sign() == 0);
}

TEST_CASE("sums, differences, products and comparisons are those of whole numbers") {
  Numbers numbers;
  for (int round = 0; round < 20'000; ++round) {
    const std::string first = numbers.next();
    const std::string second = numbers.pick(10) == 0 ? first : numbers.next();
    CAPTURE(first);
    CAPTURE(second);
    const Decimal a(first), b(second);
    const Big big_a = whole(first, kScale), big_b = whole(second, kScale);
    CHECK(whole(a.text(), kScale) == big_a);
    CHECK(whole(a.plus(b).value().text(), kScale) == big_a + big_b);
    CHECK(whole(a.minus(b).value().text(), kScale) == big_a + whole(negated(second), kScale));
    CHECK(whole(a.times(b).value().text(), 2 * kScale) == big_a * big_b);
    CHECK(((a <=> b) == (big_a <=> big_b)));
    CHECK((a == b) == (big_a == big_b));
    CHECK(-(-a) == a);
    CHECK(Decimal(a.text()) == a);
    // One form for each value: what has come by another way is equal.
    CHECK(a.plus(b).value().minus(b).value() == a);
  }
}
