// Prices and quantities survive exactly or not at all.
#include "paper/market/decimal.hpp"

#include <doctest/doctest.h>

#include <string>

using leasehold::paper::detail::Decimal;

TEST_CASE("a decimal comes out as it went in, without superfluous zeros") {
  const struct {
    const char* in;
    const char* out;
  } rows[] = {
      {"150", "150"},
      {"150.10", "150.1"},
      {"0.057436865", "0.057436865"},
      {"0.000000001", "0.000000001"},
      {"1e2", "100"},
      {"1.5E+1", "15"},
      {"25e-2", "0.25"},
      {"100e-2", "1"},
      {"1.10000000000000", "1.1"},
      {"-0.5", "-0.5"},
      {"-3", "-3"},
      {"0", "0"},
      {"-0.0", "0"},
      {"0e99", "0"},
      {"9223372036.854775807", "9223372036.854775807"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.in);
    const auto value = Decimal::parse(row.in);
    REQUIRE(value);
    CHECK(value->text() == row.out);
  }
}

TEST_CASE("what is no decimal, or would lose digits, is refused") {
  for (const char* text : {"",
                           "-",
                           ".",
                           ".5",
                           "5.",
                           "1.2.3",
                           "1,5",
                           " 1",
                           "1 ",
                           "+1",
                           "--1",
                           "1e",
                           "1e+",
                           "1e+-2",
                           "1e--2",
                           "e5",
                           "NaN",
                           "inf",
                           "0x10",
                           "1e100",
                           "1e-10",
                           "0.0000000001",
                           "1.0000000001",
                           "9223372036.854775808",
                           "10000000000",
                           "1e10",
                           "99999999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(Decimal::parse(text));
  }
  CHECK_FALSE(Decimal::parse(std::string("1\0", 2)));
  CHECK_FALSE(Decimal::parse(std::string(100'000, '1')));
}
