#include "paper/http_text.hpp"

#include <charconv>

namespace leasehold::paper::detail {

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      const std::string_view digits = text.substr(at + 1, 2);
      unsigned char octet = 0;
      const char* const end = digits.data() + digits.size();
      const auto parsed = std::from_chars(digits.data(), end, octet, 16);
      if (digits.size() != 2 || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
      decoded += static_cast<char>(octet);
      at += 2;
    }
  }
  return decoded;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decoded(pair.substr(0, equals), true) == name) {
      return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

}  // namespace leasehold::paper::detail
