#include "core/settings.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "core/arity.hpp"
#include "core/origin.hpp"
#include "core/quote.hpp"

namespace leasehold {
namespace detail {
namespace {

// Kinds of fields: how a value is written, and which values are accepted.

// The number that `text` starts with, and what follows it.
struct Leading {
  std::uint64_t number;
  std::string_view rest;
};
std::optional<Leading> leading_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  return Leading{number, {stop, end}};
}

template <std::size_t least, std::size_t most>
struct Whole {
  static constexpr JsonType json_type = JsonType::number;
  static std::string expected(std::string_view) {
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  }
  static std::optional<std::size_t> parse(std::string_view text) {
    const auto leading = leading_number(text);
    if (!leading || !leading->rest.empty() || leading->number > most) return std::nullopt;
    return static_cast<std::size_t>(leading->number);
  }
  static bool valid(std::size_t value) { return std::clamp(value, least, most) == value; }
  static std::string text(std::size_t value) { return std::to_string(value); }
};

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit units[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

// In the largest unit that leaves no fraction.
std::string duration_text(std::int64_t milliseconds) {
  for (const Unit& unit : units) {
    if (milliseconds != 0 && milliseconds % unit.milliseconds == 0) {
      return std::to_string(milliseconds / unit.milliseconds).append(unit.name);
    }
  }
  return "0ms";
}

template <std::int64_t least_ms, std::int64_t most_ms>
struct Duration {
  using Value = std::chrono::milliseconds;
  static constexpr JsonType json_type = JsonType::string;
  static std::string expected(std::string_view) {
    return "a whole number and its unit (ms, s, m or h), from " + duration_text(least_ms) + " to " +
           duration_text(most_ms);
  }
  static std::optional<Value> parse(std::string_view text) {
    const auto leading = leading_number(text);
    if (!leading) return std::nullopt;
    const auto unit = std::ranges::find(units, leading->rest, &Unit::name);
    // Dividing the limit, for the product may overflow.
    if (unit == std::end(units) ||
        leading->number > static_cast<std::uint64_t>(most_ms / unit->milliseconds)) {
      return std::nullopt;
    }
    return Value(static_cast<std::int64_t>(leading->number) * unit->milliseconds);
  }
  static bool valid(Value value) { return value >= Value(least_ms) && value <= Value(most_ms); }
  static std::string text(Value value) { return duration_text(value.count()); }
};

struct Flag {
  static constexpr JsonType json_type = JsonType::boolean;
  static std::string expected(std::string_view) { return "true or false"; }
  static std::optional<bool> parse(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  }
  static bool valid(bool) { return true; }
  static std::string text(bool value) { return value ? "true" : "false"; }
};

struct Tls {
  static constexpr JsonType json_type = JsonType::string;
  static std::string expected(std::string_view) { return R"("1.2" or "1.3")"; }
  static std::optional<TlsVersion> parse(std::string_view text) {
    if (text == "1.2") return TlsVersion::tls1_2;
    if (text == "1.3") return TlsVersion::tls1_3;
    return std::nullopt;
  }
  static bool valid(TlsVersion value) {
    return value == TlsVersion::tls1_2 || value == TlsVersion::tls1_3;
  }
  static std::string text(TlsVersion value) {
    if (value == TlsVersion::tls1_2) return "1.2";
    if (value == TlsVersion::tls1_3) return "1.3";
    return "TlsVersion(" + std::to_string(static_cast<int>(value)) + ")";
  }
};

struct String {
  static constexpr JsonType json_type = JsonType::string;
  static std::optional<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string text(const std::string& value) { return value; }
};

struct OriginUrl : String {
  static std::string expected(std::string_view refused) {
    return std::string(origin_problem(refused));
  }
  static bool valid(const std::string& value) { return origin_problem(value).empty(); }
};

struct Path : String {
  static std::string expected(std::string_view) { return "a path without NUL bytes, or nothing"; }
  static bool valid(const std::string& value) { return value.find('\0') == std::string::npos; }
};

// Names are shown whole wherever pools are told apart, so none may hold a credential.
template <std::size_t most>
struct Name : String {
  static std::string expected(std::string_view refused) {
    if (is_url_or_login(refused)) return "a name, which is shown in errors and metrics, not a URL";
    return "1 to " + std::to_string(most) + " printable ASCII characters";
  }
  static bool valid(const std::string& value) {
    return !value.empty() && value.size() <= most &&
           std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }) &&
           !is_url_or_login(value);
  }
};

template <auto section, auto member, class Kind>
constexpr Field field(std::string_view section_name, std::string_view name) {
  return {
      .section = section_name,
      .name = name,
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
#define FIELD(section, name, ...) \
  field<&Settings::section, &decltype(Settings::section)::name, __VA_ARGS__>(#section, #name)

constexpr Field table[] = {
    FIELD(client, origin, OriginUrl),
    FIELD(client, ca_file, Path),
    FIELD(client, verify, Flag),
    FIELD(client, min_tls, Tls),
    FIELD(client, connect_timeout, Duration<1, hour_ms>),
    FIELD(client, request_timeout, Duration<1, hour_ms>),
    FIELD(client, tcp_nodelay, Flag),
    FIELD(client, keep_alive, Flag),
    FIELD(pool, name, Name<64>),
    FIELD(pool, size, Whole<1, 65'536>),
    FIELD(pool, max_waiting, Whole<0, 1'000'000>),
    FIELD(pool, acquire_timeout, Duration<0, hour_ms>),
};

#undef FIELD

constexpr std::size_t rows(std::string_view section) {
  return static_cast<std::size_t>(std::ranges::count(table, section, &Field::section));
}
static_assert(rows("client") == arity<ClientSettings>, "a field of ClientSettings has no row");
static_assert(rows("pool") == arity<PoolSettings>, "a field of PoolSettings has no row");
static_assert(std::ranges::is_sorted(table, {}, &Field::section), "a section is not in one piece");
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

// The one place where credentials are taken out: whoever refuses a value passes it as it is.
SettingsError::SettingsError(std::string field, const std::string& value, std::string expected)
    : std::invalid_argument(detail::escaped(field) + ": " +
                            detail::quoted(detail::without_credentials(value)) + ": expected " +
                            expected),
      field_(std::move(field)),
      value_(detail::without_credentials(value)),
      expected_(std::move(expected)) {}

SettingsError::~SettingsError() = default;

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

}  // namespace leasehold
