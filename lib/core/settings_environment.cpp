#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/service_link.hpp"
#include "core/settings.hpp"

namespace leasehold {
namespace detail {
namespace {

constexpr const char* source = "environment";

[[noreturn]] void refuse_unknown(std::string_view section, std::string_view name) {
  std::string known;
  for (const Field& field : fields_of(section)) {
    known += (known.empty() ? "one of " : ", ") + field.environment_name();
  }
  throw SettingsError(source, std::string(name), known);
}

}  // namespace

Settings settings_from_variables(const char* const* environment, Settings base) {
  SettingsBuilder builder(std::move(base));
  // A null pointer is what clearenv() leaves.
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name(entry.substr(0, equals));
    const std::string_view value = entry.substr(equals + 1);

    const auto field = std::ranges::find(fields(), name, &Field::environment_name);
    if (field != fields().end()) {
      builder.once(source, name);
      builder.set(*field, name, value);
      continue;
    }
    if (is_service_link(name, value)) continue;
    const auto section = std::ranges::find_if(sections, [&](std::string_view candidate) {
      return name.starts_with(environment_prefix(candidate));
    });
    if (section != std::end(sections)) refuse_unknown(*section, name);
    // Anything else is not ours.
  }
  return builder.settings();
}

}  // namespace detail

Settings settings_from_environment(Settings base) {
  return detail::settings_from_variables(environ, std::move(base));
}

}  // namespace leasehold
