#include "core/quote.hpp"

#include <cstddef>

namespace leasehold::detail {

std::string escaped(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      line += {'\\', 'x', digits[byte >> 4], digits[byte & 0xf]};
    } else {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
  }
  return line;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string line = '"' + escaped(text.substr(0, longest)) + '"';
  if (text.size() > longest) line += "... (" + std::to_string(text.size()) + " bytes)";
  return line;
}

}  // namespace leasehold::detail
