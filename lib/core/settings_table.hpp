#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "leasehold/settings.hpp"

namespace leasehold::detail {

enum class JsonType { string, number, boolean };

// A row of the table that code, JSON and environment share: one field of Settings. Every field has
// one form as text, which the environment holds, a JSON string contains, and a JSON number or
// boolean is written as.
struct Field {
  std::string_view section;  // "pool"
  std::string_view name;     // "size"
  std::size_t place;         // of the field in Settings, in bytes: its rank among the others
  JsonType json_type;

  // What the field accepts, as the words that follow "expected". `refused` is a text that was not
  // accepted, where the words can be more precise about it.
  std::string (*expected)(std::string_view refused);
  // Sets the field; false, and nothing is changed, if `text` is not as expected.
  bool (*set)(Settings& settings, std::string_view text);
  // Whether the field's value, which code may have set, is as expected.
  bool (*valid)(const Settings& settings);
  // The field's value as text, as set() takes it.
  std::string (*text)(const Settings& settings);

  std::string json_name() const;         // "pool.size"
  std::string environment_name() const;  // "LEASEHOLD_POOL_SIZE"
};

// All fields, those of a section together, in the order of their declaration.
std::span<const Field> fields();
std::span<const Field> fields_of(std::string_view section);

inline constexpr std::string_view sections[] = {"client", "pool", "per_thread", "channel"};

// "LEASEHOLD_POOL_"
std::string environment_prefix(std::string_view section);

// Settings as a source fills them, each name at most once.
class SettingsBuilder {
 public:
  explicit SettingsBuilder(Settings base) : settings_(std::move(base)) {}

  // Throws SettingsError, for a value of the place `where`, if `name` was here before.
  void once(const std::string& where, const std::string& name);
  // Throws SettingsError under the name `spelled`.
  void set(const Field& field, const std::string& spelled, std::string_view text);

  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
  std::set<std::pair<std::string, std::string>> seen_;
};

// `environment` as environ has it, ended by a null pointer.
Settings settings_from_variables(const char* const* environment, Settings base);

}  // namespace leasehold::detail
