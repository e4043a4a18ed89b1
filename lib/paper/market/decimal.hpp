#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leasehold::paper::detail {

// A price or quantity as an exact number of billionths.
struct Decimal {
  std::int64_t nano = 0;

  // Decimal notation with an optional exponent, at most 9 decimals, up to about 9.2e9. Anything
  // else, digits that would be lost included: nothing.
  static std::optional<Decimal> parse(std::string_view text);

  // Without superfluous zeros: "150", "0.5".
  std::string text() const;

  auto operator<=>(const Decimal&) const = default;
};

}  // namespace leasehold::paper::detail
