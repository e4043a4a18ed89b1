#include "core/settings_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/arity.hpp"
#include "core/field_kinds.hpp"
#include "leasehold/settings_error.hpp"

namespace leasehold {
namespace detail {
namespace {

template <auto section, auto member, class Kind>
constexpr Field field(std::string_view section_name, std::string_view name, std::size_t place) {
  return {
      .section = section_name,
      .name = name,
      .place = place,
      .json_type = Kind::json_type,
      .expected = Kind::expected,
      .set =
          [](Settings& settings, std::string_view text) {
            auto value = Kind::parse(text);
            if (!value || !Kind::valid(*value)) return false;
            settings.*section.*member = *std::move(value);
            return true;
          },
      .valid = [](const Settings& settings) { return Kind::valid(settings.*section.*member); },
      .text = [](const Settings& settings) { return Kind::text(settings.*section.*member); },
  };
}

constexpr std::int64_t hour_ms = 3'600'000;

// A macro, so that the names outside are the names in code.
#define FIELD(section, name, ...)                                                    \
  field<&Settings::section, &decltype(Settings::section)::name, kinds::__VA_ARGS__>( \
      #section, #name, offsetof(Settings, section) + offsetof(decltype(Settings::section), name))

constexpr Field table[] = {
    // identity
    FIELD(client, origin, OriginUrl),
    // safety
    FIELD(client, ca_file, Path),
    FIELD(client, verify, Flag),
    FIELD(client, min_tls, Tls),
    FIELD(client, probe, ProbeRequest),
    // time
    FIELD(client, connect_timeout, Duration<1, hour_ms>),
    FIELD(client, request_timeout, Duration<1, hour_ms>),
    FIELD(client, tcp_nodelay, Flag),
    FIELD(client, keep_alive, Flag),
    // size
    FIELD(client, max_response_header, Whole<1024, 1'048'576>),
    FIELD(client, max_response_body, Whole<0, 1'073'741'824>),

    // identity
    FIELD(pool, name, Name<64>),
    // time
    FIELD(pool, acquire_timeout, Duration<0, hour_ms>),
    // size
    FIELD(pool, size, Whole<1, 65'536>),
    FIELD(pool, max_waiting, Whole<0, 1'000'000>),

    // identity
    FIELD(per_thread, name, Name<64>),
    // size
    FIELD(per_thread, max_threads, Whole<1, 65'536>),

    // identity
    FIELD(channel, name, Name<64>),
    // size
    FIELD(channel, workers, Whole<1, 64>),
    FIELD(channel, clients, Whole<1, 65'536>),
    FIELD(channel, capacity, Whole<1, 1'000'000>),
};

#undef FIELD

constexpr std::size_t rows(std::string_view section) {
  return static_cast<std::size_t>(std::ranges::count(table, section, &Field::section));
}
static_assert(rows("client") == arity<ClientSettings>, "a field of ClientSettings has no row");
static_assert(rows("pool") == arity<PoolSettings>, "a field of PoolSettings has no row");
static_assert(rows("per_thread") == arity<PerThreadSettings>,
              "a field of PerThreadSettings has no row");
static_assert(rows("channel") == arity<ChannelSettings>, "a field of ChannelSettings has no row");
static_assert(std::ranges::is_sorted(table, {}, &Field::place),
              "the rows are in another order than the fields' declarations");
static_assert(std::size(sections) == arity<Settings>, "a part of Settings is not in `sections`");

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

[[noreturn]] void refuse(const Field& field, const std::string& spelled, std::string_view text) {
  throw SettingsError(spelled, std::string(text), field.expected(text));
}

void validate_section(std::string_view section, const Settings& settings) {
  for (const Field& field : fields_of(section)) {
    if (!field.valid(settings)) refuse(field, field.json_name(), field.text(settings));
  }
}

}  // namespace

std::string Field::json_name() const { return std::string(section).append(".").append(name); }

std::string Field::environment_name() const {
  return environment_prefix(section).append(upper_case(name));
}

std::string environment_prefix(std::string_view section) {
  return "LEASEHOLD_" + upper_case(section) + "_";
}

std::span<const Field> fields() { return table; }

std::span<const Field> fields_of(std::string_view section) {
  return {std::ranges::find(table, section, &Field::section), rows(section)};
}

void SettingsBuilder::once(const std::string& where, const std::string& name) {
  if (!seen_.emplace(where, name).second) throw SettingsError(where, name, "each name once");
}

void SettingsBuilder::set(const Field& field, const std::string& spelled, std::string_view text) {
  if (!field.set(settings_, text)) refuse(field, spelled, text);
}

}  // namespace detail

void validate(const ClientSettings& settings) {
  Settings all;
  all.client = settings;
  detail::validate_section("client", all);
}

void validate(const PoolSettings& settings) {
  Settings all;
  all.pool = settings;
  detail::validate_section("pool", all);
}

void validate(const PerThreadSettings& settings) {
  Settings all;
  all.per_thread = settings;
  detail::validate_section("per_thread", all);
}

void validate(const ChannelSettings& settings) {
  Settings all;
  all.channel = settings;
  detail::validate_section("channel", all);
  if (settings.clients < settings.workers) {
    throw SettingsError(
        "channel.clients", std::to_string(settings.clients),
        "no fewer than channel.workers, which is " + std::to_string(settings.workers));
  }
}

}  // namespace leasehold
