#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "leasehold/settings.hpp"

namespace leasehold::stress {

enum class HttpQuery : std::uint8_t { get, head };

struct HttpReply {
  std::optional<int> status;  // none: no whole answer, for the reason in `problem`
  std::string body{};
  std::string problem{};
};

// One request over a connection of its own. An answer whose body has more than `most_bytes` is
// none: a server may send without end. Throws SettingsError.
HttpReply http_query(ClientSettings client, HttpQuery query, const std::string& path,
                     std::size_t most_bytes);

}  // namespace leasehold::stress
