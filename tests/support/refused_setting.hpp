#pragma once

#include <stdexcept>

#include "leasehold/settings_error.hpp"

// The SettingsError that `call` throws; fails the test if it throws none.
template <class Call>
leasehold::SettingsError refused_setting(Call&& call) {
  try {
    call();
  } catch (const leasehold::SettingsError& error) {
    return error;
  }
  throw std::logic_error("the setting was not refused");
}
