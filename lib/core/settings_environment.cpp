#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "core/service_link.hpp"
#include "core/settings_table.hpp"
#include "leasehold/settings_sources.hpp"

namespace leasehold {
namespace detail {
namespace {

constexpr const char* source = "environment";

// What is left of a name when its case and its separators are mistaken: letters and digits.
std::string bare(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') letters += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) letters += c;
  }
  return letters;
}

// How many letters must be changed, inserted or deleted to make one of the other (Levenshtein).
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);  // from the beginning of `one` so far
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// "LEASEHOLD_", and what stands where a section does when it is wrong, or only a word of it there:
// "LEASEHOLD_POOL_", "LEASEHOLD_THREAD_" (of per_thread).
std::vector<std::string> wrong_prefixes() {
  std::vector<std::string> prefixes = {"LEASEHOLD_"};
  for (const std::string_view section : sections) {
    prefixes.push_back(environment_prefix(section));
    for (std::size_t begin = 0, end = 0; end != section.size(); begin = end + 1) {
      end = std::min(section.find('_', begin), section.size());
      prefixes.push_back(environment_prefix(section.substr(begin, end - begin)));
    }
  }
  return prefixes;
}

// The fields that may have been meant by a name which is none's: the one that was missed by two
// letters at most, or those of which only the section is wrong or was left out. Another word before
// LEASEHOLD makes a name somebody else's.
std::vector<const Field*> probably_meant(std::string_view name) {
  constexpr std::size_t longest = 64;  // twice the longest of ours; others need not be compared
  const std::string given = bare(name.substr(0, longest));
  if (!given.starts_with('L')) return {};
  constexpr std::size_t far = 3;
  const Field* nearest = nullptr;
  std::size_t least = far;
  for (const Field& field : fields()) {
    const std::size_t missed_by = distance(given, bare(field.environment_name()));
    if (missed_by < least) {
      least = missed_by;
      nearest = &field;
    }
  }
  if (nearest != nullptr) return {nearest};
  std::vector<const Field*> meant;
  const std::vector<std::string> prefixes = wrong_prefixes();
  for (const Field& field : fields()) {
    const auto in = [&](std::string_view prefix) {
      return given == bare(prefix) + bare(field.name);
    };
    if (std::ranges::any_of(prefixes, in)) meant.push_back(&field);
  }
  return meant;
}

// "LEASEHOLD_POOL_NAME or LEASEHOLD_CHANNEL_NAME"
std::string names_of(const std::vector<const Field*>& fields) {
  std::string names;
  for (const Field* const field : fields) {
    if (!names.empty()) names += field == fields.back() ? " or " : ", ";
    names += field->environment_name();
  }
  return names;
}

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
    if (const auto meant = probably_meant(name); !meant.empty()) {
      throw SettingsError(source, name, names_of(meant) + ", which was probably meant");
    }
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
