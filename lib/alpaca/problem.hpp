#pragma once

#include <string>
#include <string_view>

#include "core/quote.hpp"

namespace leasehold::alpaca::detail {

// What is wrong with a value that a caller gave:
//   order.limit_price: "290.123": expected at most 2 decimals from 1 on
inline std::string problem(std::string_view field, std::string_view value,
                           std::string_view expected) {
  std::string text(field);
  text.append(": ").append(leasehold::detail::quoted(value)).append(": expected ").append(expected);
  return text;
}

}  // namespace leasehold::alpaca::detail
