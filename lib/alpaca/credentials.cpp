#include "leasehold/alpaca/credentials.hpp"

#include <cstdlib>

#include "leasehold/settings_error.hpp"

namespace leasehold::alpaca {
namespace {

std::string variable(const char* name) {
  const char* const value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): the caller's promise
  if (value == nullptr || *value == '\0') {
    throw SettingsError(name, "", "a key of the account at the venue");
  }
  return value;
}

}  // namespace

Credentials credentials_from_environment() {
  return {.key_id = variable("APCA_API_KEY_ID"), .secret_key = variable("APCA_API_SECRET_KEY")};
}

}  // namespace leasehold::alpaca
