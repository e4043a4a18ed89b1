#include "leasehold/settings_error.hpp"

#include <utility>

#include "core/quote.hpp"

namespace leasehold {

// The one place where credentials are taken out: whoever refuses a value passes it as it is.
SettingsError::SettingsError(std::string field, const std::string& value, std::string expected)
    : std::invalid_argument(detail::escaped(field) + ": " +
                            detail::quoted(detail::without_credentials(value)) + ": expected " +
                            expected),
      field_(std::move(field)),
      value_(detail::without_credentials(value)),
      expected_(std::move(expected)) {}

SettingsError::~SettingsError() = default;

}  // namespace leasehold
