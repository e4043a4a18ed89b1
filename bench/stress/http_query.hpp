#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "leasehold/settings.hpp"

namespace leasehold::stress {

enum class HttpQuery : std::uint8_t { get, head };

struct HttpReply {
  std::optional<int> status;  // none: no answer, for the reason in `problem`
  std::string body{};
  std::string problem{};
};

// One request over a connection of its own. Throws SettingsError.
HttpReply http_query(ClientSettings client, HttpQuery query, const std::string& path);

}  // namespace leasehold::stress
