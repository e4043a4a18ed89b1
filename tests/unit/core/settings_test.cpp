// The table of settings: one name and one range for code, JSON and environment.
#include "core/settings_table.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <locale>
#include <set>
#include <tuple>

#include "core/arity.hpp"
#include "leasehold/settings_sources.hpp"
#include "support/environment.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;
using namespace std::chrono_literals;

namespace {

// A new field does not compile here until it is compared.
bool same(const Settings& left, const Settings& right) {
  const auto tied = [](const Settings& settings) {
    const auto& [client, pool, per_thread, channel] = settings;
    const auto& [origin, ca_file, verify, min_tls, probe, connect, request, nodelay, keep_alive,
                 header, body] = client;
    const auto& [name, acquire, size, max_waiting] = pool;
    const auto& [per_thread_name, max_threads] = per_thread;
    const auto& [channel_name, workers, clients, capacity] = channel;
    return std::tie(origin, ca_file, verify, min_tls, probe, connect, request, nodelay, keep_alive,
                    header, body, name, acquire, size, max_waiting, per_thread_name, max_threads,
                    channel_name, workers, clients, capacity);
  };
  return tied(left) == tied(right);
}

// One field, set to a value that is not its default in each of the three ways.
struct Sample {
  std::string json_name;
  std::string environment_name;
  void (*set)(Settings& settings);
  std::string json_value;
  std::string environment_value;
};

// The field's name in code and in JSON is the same word here.
#define SAMPLE(section, name, environment_name, value, json_value, environment_value) \
  Sample {                                                                            \
#section "." #name, environment_name,                                             \
        [](Settings & s) { s.section.name = value; }, json_value, environment_value   \
  }

const Sample samples[] = {
    SAMPLE(client, origin, "LEASEHOLD_CLIENT_ORIGIN", "https://a.example:8443",
           R"("https://a.example:8443")", "https://a.example:8443"),
    SAMPLE(client, ca_file, "LEASEHOLD_CLIENT_CA_FILE", "/etc/a b.pem", R"("\/etc/a b.pem")",
           "/etc/a b.pem"),
    SAMPLE(client, verify, "LEASEHOLD_CLIENT_VERIFY", false, "false", "false"),
    SAMPLE(client, min_tls, "LEASEHOLD_CLIENT_MIN_TLS", TlsVersion::tls1_3, R"("1.3")", "1.3"),
    SAMPLE(client, probe, "LEASEHOLD_CLIENT_PROBE", "GET /v2/clock?a=b", R"("GET \/v2\/clock?a=b")",
           "GET /v2/clock?a=b"),
    SAMPLE(client, connect_timeout, "LEASEHOLD_CLIENT_CONNECT_TIMEOUT", 250ms, R"("250ms")",
           "250ms"),
    SAMPLE(client, request_timeout, "LEASEHOLD_CLIENT_REQUEST_TIMEOUT", 3min, R"("3m")", "3m"),
    SAMPLE(client, tcp_nodelay, "LEASEHOLD_CLIENT_TCP_NODELAY", false, "false", "false"),
    SAMPLE(client, keep_alive, "LEASEHOLD_CLIENT_KEEP_ALIVE", false, "false", "false"),
    SAMPLE(client, max_response_header, "LEASEHOLD_CLIENT_MAX_RESPONSE_HEADER", 1024, "1024",
           "1024"),
    SAMPLE(client, max_response_body, "LEASEHOLD_CLIENT_MAX_RESPONSE_BODY", 0, "0", "0"),
    SAMPLE(pool, name, "LEASEHOLD_POOL_NAME", "say \"data\"=", R"("say \"data\"=")",
           "say \"data\"="),
    SAMPLE(pool, acquire_timeout, "LEASEHOLD_POOL_ACQUIRE_TIMEOUT", 1h, R"("1h")", "1h"),
    SAMPLE(pool, size, "LEASEHOLD_POOL_SIZE", 65'536, "65536", "65536"),
    SAMPLE(pool, max_waiting, "LEASEHOLD_POOL_MAX_WAITING", 0, "0", "0"),
    SAMPLE(per_thread, name, "LEASEHOLD_PER_THREAD_NAME", "threads", R"("threads")", "threads"),
    SAMPLE(per_thread, max_threads, "LEASEHOLD_PER_THREAD_MAX_THREADS", 65'536, "65536", "65536"),
    SAMPLE(channel, name, "LEASEHOLD_CHANNEL_NAME", "orders", R"("orders")", "orders"),
    SAMPLE(channel, workers, "LEASEHOLD_CHANNEL_WORKERS", 64, "64", "64"),
    SAMPLE(channel, clients, "LEASEHOLD_CHANNEL_CLIENTS", 65'536, "65536", "65536"),
    SAMPLE(channel, capacity, "LEASEHOLD_CHANNEL_CAPACITY", 1'000'000, "1000000", "1000000"),
};

// Nothing in it is a default.
Settings unusual() {
  Settings settings;
  settings.client = {.origin = "https://unusual.example",
                     .ca_file = "unusual.pem",
                     .verify = false,
                     .min_tls = TlsVersion::tls1_3,
                     .probe = "GET /unusual",
                     .connect_timeout = 7ms,
                     .request_timeout = 8ms,
                     .tcp_nodelay = false,
                     .keep_alive = false,
                     .max_response_header = 1025,
                     .max_response_body = 12};
  settings.pool = {.name = "unusual", .acquire_timeout = 11ms, .size = 9, .max_waiting = 10};
  settings.per_thread = {.name = "unusual threads", .max_threads = 13};
  settings.channel = {.name = "unusual channel", .workers = 3, .clients = 14, .capacity = 15};
  return settings;
}

std::string json_of(const Sample& sample) {
  const auto dot = sample.json_name.find('.');
  return R"({")" + sample.json_name.substr(0, dot) + R"(":{")" + sample.json_name.substr(dot + 1) +
         R"(":)" + sample.json_value + "}}";
}

// What std::to_chars and friends ignore, and streams do not.
struct GroupedDigits : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  char do_decimal_point() const override { return ','; }
  std::string do_grouping() const override { return "\3"; }
};

}  // namespace

TEST_CASE("every field can be set by the same name in code, JSON and environment") {
  REQUIRE(std::size(samples) == detail::fields().size());
  for (std::size_t i = 0; i < std::size(samples); ++i) {
    const Sample& sample = samples[i];
    CAPTURE(sample.json_name);
    CHECK(detail::fields()[i].json_name() == sample.json_name);
    CHECK(detail::fields()[i].environment_name() == sample.environment_name);

    CleanEnvironment environment;
    environment.set(sample.environment_name, sample.environment_value);
    for (const Settings& base : {Settings(), unusual()}) {
      Settings in_code = base;
      sample.set(in_code);
      CHECK(same(settings_from_json(json_of(sample), base), in_code));
      CHECK(same(settings_from_environment(base), in_code));
    }
    Settings in_code;
    sample.set(in_code);
    CHECK_FALSE(same(in_code, Settings()));
  }
}

TEST_CASE("the text of a field restores it") {
  const Settings from = unusual();
  Settings to;
  for (const detail::Field& field : detail::fields()) CHECK(field.set(to, field.text(from)));
  CHECK(same(to, from));
}

TEST_CASE("every member of an aggregate is counted") {
  struct None {};
  struct Three {
    std::string text;
    std::chrono::milliseconds time;
    bool flag = true;
  };
  CHECK(detail::arity<None> == 0);
  CHECK(detail::arity<Three> == 3);
  CHECK(detail::arity<PoolSettings> == 4);
}

TEST_CASE("no field has two rows") {
  std::set<std::string> names;
  for (const detail::Field& field : detail::fields()) CHECK(names.insert(field.json_name()).second);
}

TEST_CASE("the defaults lack only the origin") {
  CHECK_NOTHROW(validate(PoolSettings()));
  CHECK_NOTHROW(validate(PerThreadSettings()));
  CHECK_NOTHROW(validate(ChannelSettings()));
  CHECK(refused_setting([] { validate(ClientSettings()); }).field() == "client.origin");
  CHECK_NOTHROW(validate(ClientSettings{.origin = "https://api.alpaca.markets"}));
}

TEST_CASE("both ends of every range are accepted, one step further is refused") {
  struct Row {
    void (*set)(Settings& settings);
    std::string field = {};  // empty: accepted
    std::string value = {};
    std::string expected = {};
  };
  constexpr auto any_time = "a whole number and its unit (ms, s, m or h), from 1ms to 1h";
  constexpr auto any_time_or_none = "a whole number and its unit (ms, s, m or h), from 0ms to 1h";
  constexpr auto any_probe = R"("GET" or "HEAD", a space, and a path that begins with "/")";
  constexpr auto any_size = "a whole number from 1 to 65536";
  constexpr auto any_name = "1 to 64 printable ASCII characters";
  static const std::string name_of_65(65, 'n');
  const Row rows[] = {
      {[](Settings& s) { s.client.ca_file = std::string("a\0b", 3); }, "client.ca_file",
       std::string("a\0b", 3), "a path without NUL bytes, or nothing"},
      {[](Settings& s) { s.client.min_tls = static_cast<TlsVersion>(7); }, "client.min_tls",
       "TlsVersion(7)", R"("1.2" or "1.3")"},
      {[](Settings& s) { s.client.probe = "GET /v2/clock?a=b"; }},
      {[](Settings& s) { s.client.probe = "POST /"; }, "client.probe", "POST /", any_probe},
      {[](Settings& s) { s.client.probe = "HEAD"; }, "client.probe", "HEAD", any_probe},
      {[](Settings& s) { s.client.probe = "HEAD  /"; }, "client.probe", "HEAD  /", any_probe},
      {[](Settings& s) { s.client.probe = "GET /\r\n"; }, "client.probe", "GET /\r\n", any_probe},
      {[](Settings& s) { s.client.connect_timeout = 1ms; }},
      {[](Settings& s) { s.client.connect_timeout = 1h; }},
      {[](Settings& s) { s.client.connect_timeout = 0ms; }, "client.connect_timeout", "0ms",
       any_time},
      {[](Settings& s) { s.client.connect_timeout = 1h + 1ms; }, "client.connect_timeout",
       "3600001ms", any_time},
      {[](Settings& s) { s.client.request_timeout = 1ms; }},
      {[](Settings& s) { s.client.request_timeout = 1h; }},
      {[](Settings& s) { s.client.request_timeout = -5s; }, "client.request_timeout", "-5s",
       any_time},
      {[](Settings& s) { s.client.request_timeout = 2h; }, "client.request_timeout", "2h",
       any_time},
      {[](Settings& s) { s.client.request_timeout = std::chrono::milliseconds::min(); },
       "client.request_timeout", "-9223372036854775808ms", any_time},
      {[](Settings& s) { s.client.max_response_header = 1023; }, "client.max_response_header",
       "1023", "a whole number from 1024 to 1048576"},
      {[](Settings& s) { s.client.max_response_body = 1'073'741'825; }, "client.max_response_body",
       "1073741825", "a whole number from 0 to 1073741824"},
      {[](Settings& s) { s.pool.name = "n"; }},
      {[](Settings& s) { s.pool.name = std::string(64, '~'); }},
      {[](Settings& s) { s.pool.name = ""; }, "pool.name", "", any_name},
      {[](Settings& s) { s.pool.name = name_of_65; }, "pool.name", name_of_65, any_name},
      {[](Settings& s) { s.pool.name = "a\x1f"; }, "pool.name", "a\x1f", any_name},
      {[](Settings& s) { s.pool.name = "a\x7f"; }, "pool.name", "a\x7f", any_name},
      {[](Settings& s) { s.pool.name = "\xc3\xa9"; }, "pool.name", "\xc3\xa9", any_name},
      {[](Settings& s) { s.pool.size = 1; }},
      {[](Settings& s) { s.pool.size = 65'536; }},
      {[](Settings& s) { s.pool.size = 0; }, "pool.size", "0", any_size},
      {[](Settings& s) { s.pool.size = 65'537; }, "pool.size", "65537", any_size},
      {[](Settings& s) { s.pool.max_waiting = 0; }},
      {[](Settings& s) { s.pool.max_waiting = 1'000'000; }},
      {[](Settings& s) { s.pool.max_waiting = 1'000'001; }, "pool.max_waiting", "1000001",
       "a whole number from 0 to 1000000"},
      {[](Settings& s) { s.pool.acquire_timeout = 0ms; }},
      {[](Settings& s) { s.pool.acquire_timeout = 1h; }},
      {[](Settings& s) { s.pool.acquire_timeout = -1ms; }, "pool.acquire_timeout", "-1ms",
       any_time_or_none},
      {[](Settings& s) { s.pool.acquire_timeout = 61min; }, "pool.acquire_timeout", "61m",
       any_time_or_none},
      {[](Settings& s) { s.per_thread.name = "https://a"; }, "per_thread.name", "https://a",
       "a name, which is shown in errors and metrics, not a URL"},
      {[](Settings& s) { s.per_thread.max_threads = 1; }},
      {[](Settings& s) { s.per_thread.max_threads = 65'536; }},
      {[](Settings& s) { s.per_thread.max_threads = 0; }, "per_thread.max_threads", "0", any_size},
      {[](Settings& s) { s.per_thread.max_threads = 65'537; }, "per_thread.max_threads", "65537",
       any_size},
      {[](Settings& s) { s.channel.name = ""; }, "channel.name", "", any_name},
      {[](Settings& s) { s.channel = {.workers = 1, .clients = 1, .capacity = 1}; }},
      {[](Settings& s) { s.channel = {.workers = 64, .clients = 65'536, .capacity = 1'000'000}; }},
      {[](Settings& s) { s.channel.workers = 0; }, "channel.workers", "0",
       "a whole number from 1 to 64"},
      {[](Settings& s) { s.channel = {.workers = 65, .clients = 65}; }, "channel.workers", "65",
       "a whole number from 1 to 64"},
      {[](Settings& s) { s.channel.clients = 0; }, "channel.clients", "0", any_size},
      {[](Settings& s) { s.channel.clients = 65'537; }, "channel.clients", "65537", any_size},
      {[](Settings& s) { s.channel.capacity = 0; }, "channel.capacity", "0",
       "a whole number from 1 to 1000000"},
      {[](Settings& s) { s.channel.capacity = 1'000'001; }, "channel.capacity", "1000001",
       "a whole number from 1 to 1000000"},
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.client.origin = "https://a.example";
    row.set(settings);
    const auto validate_all = [&settings] {
      validate(settings.client);
      validate(settings.pool);
      validate(settings.per_thread);
      validate(settings.channel);
    };
    if (row.field.empty()) {
      CHECK_NOTHROW(validate_all());
      continue;
    }
    const SettingsError error = refused_setting(validate_all);
    CHECK(error.field() == row.field);
    CHECK(error.value() == row.value);
    CHECK(error.expected() == row.expected);
  }
}

TEST_CASE("a channel with fewer clients than workers is refused, as many are accepted") {
  CHECK_NOTHROW(validate(ChannelSettings{.workers = 3, .clients = 3}));
  const SettingsError error =
      refused_setting([] { validate(ChannelSettings{.workers = 3, .clients = 2}); });
  CHECK(std::string(error.what()) ==
        R"(channel.clients: "2": expected no fewer than channel.workers, which is 3)");
  // How fields fit together is no source's to judge: the next one may name the other.
  Settings settings = settings_from_json(R"({"channel": {"workers": 64}})");
  settings = settings_from_json(R"({"channel": {"clients": 64}})", settings);
  CHECK_NOTHROW(validate(settings.channel));
}

TEST_CASE("an error is one line of printable ASCII, whatever the value") {
  CHECK(std::string(SettingsError("pool.size", "0", "more").what()) ==
        R"(pool.size: "0": expected more)");
  CHECK(std::string(SettingsError("a\nb", std::string("\"\\\0\x1b[31m\n\xff", 10), "c").what()) ==
        R"(a\x0ab: "\"\\\x00\x1b[31m\x0a\xff": expected c)");
  CHECK(std::string(SettingsError("f", std::string(80, 'v'), "e").what()) ==
        "f: \"" + std::string(80, 'v') + "\": expected e");
  CHECK(std::string(SettingsError("f", std::string(81, 'v'), "e").what()) ==
        "f: \"" + std::string(80, 'v') + "\"... (81 bytes): expected e");
}

TEST_CASE("no locale changes what is read or said") {
  const std::locale before =
      std::locale::global(std::locale(std::locale::classic(), new GroupedDigits));
  const Settings read = settings_from_json(R"({"pool":{"size":65536,"acquire_timeout":"3000ms"}})");
  const SettingsError error =
      refused_setting([] { settings_from_json(R"({"pool":{"size":6.5536e4}})"); });
  std::locale::global(before);
  CHECK(read.pool.size == 65'536);
  CHECK(read.pool.acquire_timeout == 3s);
  CHECK(std::string(error.what()) ==
        R"(pool.size: "6.5536e4": expected a whole number from 1 to 65536)");
}
