#pragma once

#include <optional>
#include <string_view>

#include "core/http_grammar.hpp"

namespace leasehold::detail {

// The request that proves a new connection, "HEAD /". Refers to the text it was parsed from.
struct Probe {
  std::string_view method;
  std::string_view path;
};

// Nothing if the text is not GET or HEAD, a space, and a path.
constexpr std::optional<Probe> parse_probe(std::string_view text) noexcept {
  for (const std::string_view method : {"GET", "HEAD"}) {
    if (!text.starts_with(method) || text.substr(method.size(), 1) != " ") continue;
    const std::string_view path = text.substr(method.size() + 1);
    if (is_request_path(path)) return Probe{method, path};
  }
  return std::nullopt;
}

}  // namespace leasehold::detail
