#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// The process's environment without leasehold's variables while it lives, and as it was afterwards.
class CleanEnvironment {
 public:
  CleanEnvironment() : before_(take_out()) {}
  ~CleanEnvironment() {
    take_out();
    for (const auto& [name, value] : before_) set(name, value);
  }
  CleanEnvironment(const CleanEnvironment&) = delete;
  CleanEnvironment& operator=(const CleanEnvironment&) = delete;

  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  static Variables take_out() {
    Variables ours;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string variable = *entry;
      const std::size_t equals = variable.find('=');
      if (!variable.starts_with("LEASEHOLD_") || equals == std::string::npos) continue;
      ours.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
    for (const auto& variable : ours) unsetenv(variable.first.c_str());
    return ours;
  }

  const Variables before_;
};
