#pragma once

#include <stdexcept>
#include <string>

#include "leasehold/export.hpp"

namespace leasehold {

// A setting that cannot be used. what() names the field as its source spells it ("pool.size" in
// code and JSON), the value, escaped and cut so that it cannot garble a log, and what was expected:
//   LEASEHOLD_POOL_SIZE: "0": expected a whole number from 1 to 65536
// For a name that is unknown or there twice, its place is the field and the name is the value:
//   pool: "sice": expected one of name, acquire_timeout, size, max_waiting
//
// Promise: thrown while settings are read or a pool or another owner of clients is made, never
//   later. What may be a credential is not repeated, in no field and however it is spelled: value()
//   and what() have "***" in its place (docs/settings.md).
// Thread: any; it shares nothing.
// Cost: three strings, at start-up.
class LEASEHOLD_API SettingsError : public std::invalid_argument {
 public:
  SettingsError(std::string field, const std::string& value, std::string expected);
  ~SettingsError() override;

  const std::string& field() const noexcept { return field_; }
  const std::string& value() const noexcept { return value_; }
  const std::string& expected() const noexcept { return expected_; }

 private:
  std::string field_;
  std::string value_;
  std::string expected_;
};

}  // namespace leasehold
