// Settings from the environment: what is ours, what is refused, and under which name.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/settings_table.hpp"
#include "leasehold/settings_sources.hpp"
#include "support/environment.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;
using namespace std::chrono_literals;

namespace {

Settings from_variables(std::vector<const char*> variables, Settings base = {}) {
  variables.push_back(nullptr);
  return detail::settings_from_variables(variables.data(), std::move(base));
}

constexpr auto known_of_pool =
    "one of LEASEHOLD_POOL_NAME, LEASEHOLD_POOL_ACQUIRE_TIMEOUT, LEASEHOLD_POOL_SIZE, "
    "LEASEHOLD_POOL_MAX_WAITING";
constexpr auto known_of_client =
    "one of LEASEHOLD_CLIENT_ORIGIN, LEASEHOLD_CLIENT_CA_FILE, LEASEHOLD_CLIENT_VERIFY, "
    "LEASEHOLD_CLIENT_MIN_TLS, LEASEHOLD_CLIENT_PROBE, LEASEHOLD_CLIENT_CONNECT_TIMEOUT, "
    "LEASEHOLD_CLIENT_REQUEST_TIMEOUT, "
    "LEASEHOLD_CLIENT_TCP_NODELAY, LEASEHOLD_CLIENT_KEEP_ALIVE, "
    "LEASEHOLD_CLIENT_MAX_RESPONSE_HEADER, LEASEHOLD_CLIENT_MAX_RESPONSE_BODY";
constexpr auto known_of_per_thread =
    "one of LEASEHOLD_PER_THREAD_NAME, LEASEHOLD_PER_THREAD_MAX_THREADS";
constexpr auto known_of_channel =
    "one of LEASEHOLD_CHANNEL_NAME, LEASEHOLD_CHANNEL_WORKERS, LEASEHOLD_CHANNEL_CLIENTS, "
    "LEASEHOLD_CHANNEL_CAPACITY";

}  // namespace

TEST_CASE("an environment without leasehold's variables changes nothing") {
  CleanEnvironment environment;
  for (const char* name :
       {"LEASEHOLD_POOLS", "LEASEHOLD_PER_THREAD", "LEASEHOLD_THREADS", "LEASEHOLD_CHANNEL",
        "LEASEHOLD_CHANNELS", "LEASEHOLD_CI", "LEASEHOLD_TEST_PATIENCE", "LEASEHOLD_FRESH",
        "LEASEHOLD_DOCS", "LEASEHOLD_NGINX", "LEASEHOLD_EXCHANGE", "LEASEHOLD_STRESS",
        "LEASEHOLD_LEAK_SANITIZER"}) {
    environment.set(name, "not ours");
  }
  Settings base;
  base.pool.size = 5;
  base.client.origin = "kept as it is";
  const Settings settings = settings_from_environment(base);
  CHECK(settings.pool.size == 5);
  CHECK(settings.pool.name == "default");
  CHECK(settings.client.origin == "kept as it is");
}

TEST_CASE("an environment that was cleared is an empty one") {
  CHECK(detail::settings_from_variables(nullptr, {}).pool.size == 16);
  CHECK(from_variables({}).pool.size == 16);
}

TEST_CASE("the process's environment is read") {
  CleanEnvironment environment;
  environment.set("LEASEHOLD_POOL_SIZE", "0");
  const SettingsError error = refused_setting([] { settings_from_environment(); });
  CHECK(std::string(error.what()) ==
        R"(LEASEHOLD_POOL_SIZE: "0": expected a whole number from 1 to 65536)");
}

TEST_CASE("a value begins after the first equals sign, and may be empty") {
  Settings base;
  base.client.ca_file = "replaced";
  const Settings settings =
      from_variables({"LEASEHOLD_POOL_NAME=a=b", "LEASEHOLD_CLIENT_CA_FILE="}, base);
  CHECK(settings.pool.name == "a=b");
  CHECK(settings.client.ca_file == "");
}

TEST_CASE("entries without an equals sign are no variables") {
  CHECK(from_variables({"LEASEHOLD_POOL_SIZE", "", "=", "LEASEHOLD_POOL_SIZE=7"}).pool.size == 7);
}

TEST_CASE("an unknown name is refused with the known ones, and its value is not repeated") {
  const struct {
    const char* variable;
    std::string name;
    std::string expected;
  } rows[] = {
      {"LEASEHOLD_POOL_LIMIT=secret", "LEASEHOLD_POOL_LIMIT", known_of_pool},
      {"LEASEHOLD_POOL_=secret", "LEASEHOLD_POOL_", known_of_pool},
      {"LEASEHOLD_PER_THREAD_LIMIT=secret", "LEASEHOLD_PER_THREAD_LIMIT", known_of_per_thread},
      {"LEASEHOLD_CHANNEL_LIMIT=secret", "LEASEHOLD_CHANNEL_LIMIT", known_of_channel},
      {"LEASEHOLD_CLIENT_KEY\n=secret", "LEASEHOLD_CLIENT_KEY\n", known_of_client},
  };
  for (const auto& row : rows) {
    const SettingsError error = refused_setting([&row] { from_variables({row.variable}); });
    CHECK(error.field() == "environment");
    CHECK(error.value() == row.name);
    CHECK(error.expected() == row.expected);
    CHECK(std::string(error.what()).find("secret") == std::string::npos);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
  }
}

TEST_CASE("a name that is nearly a known one is refused with that one") {
  const struct {
    std::string name;
    std::string meant;
  } rows[] = {
      {"LEASEHOLD_POOL_SICE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOL_size", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOL_SIZE ", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOL_SIZE2", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLDPOOL_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOLSIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POL_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOLS_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD__POOL__SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD.POOL.SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASHOLD_POOL_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"leasehold_pool_size", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_CLEINT_VERIFY", "LEASEHOLD_CLIENT_VERIFY"},
      {"LEASEHOLD_CLIENT_MINTLS", "LEASEHOLD_CLIENT_MIN_TLS"},
      {"LEASEHOLD_POOL_MAXWAITING", "LEASEHOLD_POOL_MAX_WAITING"},
      {"LEASEHOLD_PERTHREAD_MAX_THREADS", "LEASEHOLD_PER_THREAD_MAX_THREADS"},
      {"LEASEHOLD_PER_THREADS_MAX_THREAD", "LEASEHOLD_PER_THREAD_MAX_THREADS"},
      {"LEASEHOLD_PER_THREAD_NAMES", "LEASEHOLD_PER_THREAD_NAME"},
      {"LEASEHOLD_CHANEL_WORKER", "LEASEHOLD_CHANNEL_WORKERS"},
      {"LEASEHOLD_CHANNELS_CLIENTS", "LEASEHOLD_CHANNEL_CLIENTS"},
      // The section is wrong, left out, or only a word of it is there.
      {"LEASEHOLD_CLIENT_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_POOL_ORIGIN", "LEASEHOLD_CLIENT_ORIGIN"},
      {"LEASEHOLD_POOL_CAPACITY", "LEASEHOLD_CHANNEL_CAPACITY"},
      {"LEASEHOLD_PER_THREAD_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_PER_MAX_THREADS", "LEASEHOLD_PER_THREAD_MAX_THREADS"},
      {"LEASEHOLD_THREAD_MAX_THREADS", "LEASEHOLD_PER_THREAD_MAX_THREADS"},
      {"LEASEHOLD_MAX_THREADS", "LEASEHOLD_PER_THREAD_MAX_THREADS"},
      {"LEASEHOLD_CLIENTS", "LEASEHOLD_CHANNEL_CLIENTS"},
      {"LEASEHOLD_SIZE", "LEASEHOLD_POOL_SIZE"},
      {"LEASEHOLD_ORIGIN", "LEASEHOLD_CLIENT_ORIGIN"},
      {"LEASEHOLD_NAME",
       "LEASEHOLD_POOL_NAME, LEASEHOLD_PER_THREAD_NAME or LEASEHOLD_CHANNEL_NAME"},
      {"LEASEHOLD_CLIENT_NAME",
       "LEASEHOLD_POOL_NAME, LEASEHOLD_PER_THREAD_NAME or LEASEHOLD_CHANNEL_NAME"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string variable = row.name + "=secret";
    const SettingsError error = refused_setting([&] { from_variables({variable.c_str()}); });
    CHECK(error.field() == "environment");
    CHECK(error.value() == row.name);
    CHECK(error.expected() == row.meant + ", which was probably meant");
    CHECK(std::string(error.what()).find("secret") == std::string::npos);
  }
}

TEST_CASE("a name with another word before it is somebody else's") {
  CHECK(from_variables({"MY_LEASEHOLD_POOL_SIZE=7", "X_LEASEHOLD_POOL_SIZE=7"}).pool.size == 16);
}

TEST_CASE("what Kubernetes sets for services with names like ours changes nothing") {
  // kubectl create service for leasehold-pool, leasehold-client, leasehold, leasehold-pool-size,
  // leasehold-per-thread, leasehold-per and leasehold-channel.
  const Settings settings = from_variables({
      "LEASEHOLD_POOL_SERVICE_HOST=10.0.0.1",
      "LEASEHOLD_POOL_SERVICE_PORT=443",
      "LEASEHOLD_POOL_SERVICE_PORT_HTTPS=443",
      "LEASEHOLD_POOL_SERVICE_PORT_METRICS_V2=9090",
      "LEASEHOLD_POOL_PORT=tcp://10.0.0.1:443",
      "LEASEHOLD_POOL_PORT_443_TCP=tcp://10.0.0.1:443",
      "LEASEHOLD_POOL_PORT_443_TCP_PROTO=tcp",
      "LEASEHOLD_POOL_PORT_443_TCP_PORT=443",
      "LEASEHOLD_POOL_PORT_443_TCP_ADDR=10.0.0.1",
      "LEASEHOLD_POOL_PORT_53_UDP=udp://10.0.0.1:53",
      "LEASEHOLD_POOL_PORT_53_UDP_PROTO=udp",
      "LEASEHOLD_POOL_PORT_53_UDP_PORT=53",
      "LEASEHOLD_POOL_PORT_53_UDP_ADDR=10.0.0.1",
      "LEASEHOLD_POOL_PORT_36412_SCTP=sctp://10.0.0.1:36412",
      "LEASEHOLD_POOL_PORT_36412_SCTP_PROTO=sctp",
      "LEASEHOLD_CLIENT_SERVICE_HOST=fd00::1",
      "LEASEHOLD_CLIENT_PORT=tcp://[fd00::1]:443",
      "LEASEHOLD_CLIENT_PORT_443_TCP=tcp://[fd00::1]:443",
      "LEASEHOLD_CLIENT_PORT_443_TCP_ADDR=fd00::1",
      "LEASEHOLD_SERVICE_HOST=10.0.0.2",
      "LEASEHOLD_PORT=tcp://10.0.0.2:443",
      "LEASEHOLD_POOL_SIZE_SERVICE_HOST=10.0.0.3",
      "LEASEHOLD_POOL_SIZE_PORT_1_TCP_PORT=1",
      "LEASEHOLD_PER_THREAD_SERVICE_HOST=10.0.0.4",
      "LEASEHOLD_PER_THREAD_SERVICE_PORT=443",
      "LEASEHOLD_PER_THREAD_PORT=tcp://10.0.0.4:443",
      "LEASEHOLD_PER_THREAD_PORT_443_TCP_ADDR=10.0.0.4",
      "LEASEHOLD_PER_PORT=tcp://10.0.0.5:443",
      "LEASEHOLD_PER_SERVICE_PORT_THREAD=443",
      "LEASEHOLD_CHANNEL_SERVICE_HOST=10.0.0.6",
      "LEASEHOLD_CHANNEL_SERVICE_PORT_WORKERS=443",
      "LEASEHOLD_CHANNEL_PORT=tcp://10.0.0.6:443",
  });
  CHECK(settings.pool.size == 16);
}

TEST_CASE("what only looks as if Kubernetes had set it is refused") {
  for (const char* variable : {
           "LEASEHOLD_CLIENT_PORT=8443",
           "LEASEHOLD_CLIENT_PORT=",
           "LEASEHOLD_CLIENT_PORT=tcp://a.example:443",
           "LEASEHOLD_CLIENT_PORT=https://10.0.0.1:443",
           "LEASEHOLD_CLIENT_PORT=tcp://10.0.0.1",
           "LEASEHOLD_CLIENT_PORT=tcp://10.0.0.1:443/",
           "LEASEHOLD_CLIENT_PORT=tcp:10.0.0.1:443",
           "LEASEHOLD_CLIENT_PORT=tcp://[10.0.0.1:443",
           "LEASEHOLD_CLIENT_SERVICE_HOST=a.example",
           "LEASEHOLD_CLIENT_SERVICE_HOST=",
           "LEASEHOLD_CLIENT_SERVICE_PORT=https",
           "LEASEHOLD_CLIENT_SERVICE_PORT=0",
           "LEASEHOLD_CLIENT_SERVICE_PORT=65536",
           "LEASEHOLD_CLIENT_SERVICE_PORT_HTTPS=tcp",
           "LEASEHOLD_CLIENT_SERVICE_NAME=10.0.0.1",
           "LEASEHOLD_CLIENT_PORT_443_TCP=443",
           "LEASEHOLD_CLIENT_PORT_443_TLS=tcp://10.0.0.1:443",
           "LEASEHOLD_CLIENT_PORT__TCP=tcp://10.0.0.1:443",
           "LEASEHOLD_CLIENT_443_TCP=tcp://10.0.0.1:443",
           "LEASEHOLD_CLIENT_PORT_443_TCP_PROTO=TCP",
           "LEASEHOLD_CLIENT_PORT_443_TCP_PORT=tcp://10.0.0.1:443",
           "LEASEHOLD_CLIENT_PORT_443_TCP_ADDR=a.example",
           "LEASEHOLD_CLIENT_PORT_443_ADDR=10.0.0.1",
       }) {
    CAPTURE(variable);
    const SettingsError error = refused_setting([&] { from_variables({variable}); });
    CHECK(error.field() == "environment");
    CHECK(error.expected() == known_of_client);
  }
}

TEST_CASE("a variable that is there twice is refused") {
  const SettingsError error = refused_setting([] {
    from_variables({"LEASEHOLD_POOL_SIZE=1", "LEASEHOLD_POOL_SIZE=1"});
  });
  CHECK(error.field() == "environment");
  CHECK(error.value() == "LEASEHOLD_POOL_SIZE");
  CHECK(error.expected() == "each name once");
}

TEST_CASE("a value that cannot be used is refused under the variable's name") {
  constexpr auto size = "a whole number from 1 to 65536";
  constexpr auto flag = "true or false";
  constexpr auto tls = R"("1.2" or "1.3")";
  constexpr auto time = "a whole number and its unit (ms, s, m or h), from 1ms to 1h";
  const struct {
    std::string name;
    std::string value;
    std::string expected;
  } rows[] = {
      {"LEASEHOLD_POOL_SIZE", "", size},
      {"LEASEHOLD_POOL_SIZE", "65537", size},
      {"LEASEHOLD_POOL_SIZE", "18446744073709551616", size},
      {"LEASEHOLD_POOL_SIZE", "18446744073709551617", size},
      {"LEASEHOLD_POOL_SIZE", "-1", size},
      {"LEASEHOLD_POOL_SIZE", "+1", size},
      {"LEASEHOLD_POOL_SIZE", " 1", size},
      {"LEASEHOLD_POOL_SIZE", "1 ", size},
      {"LEASEHOLD_POOL_SIZE", "1.0", size},
      {"LEASEHOLD_POOL_SIZE", "1e1", size},
      {"LEASEHOLD_POOL_SIZE", "0x10", size},
      {"LEASEHOLD_POOL_SIZE", "\"16\"", size},
      {"LEASEHOLD_POOL_MAX_WAITING", "1000001", "a whole number from 0 to 1000000"},
      {"LEASEHOLD_POOL_NAME", "", "1 to 64 printable ASCII characters"},
      {"LEASEHOLD_POOL_ACQUIRE_TIMEOUT", "61m",
       "a whole number and its unit (ms, s, m or h), from 0ms to 1h"},
      {"LEASEHOLD_CLIENT_VERIFY", "", flag},
      {"LEASEHOLD_CLIENT_VERIFY", "0", flag},
      {"LEASEHOLD_CLIENT_VERIFY", "FALSE", flag},
      {"LEASEHOLD_CLIENT_TCP_NODELAY", "on", flag},
      {"LEASEHOLD_CLIENT_KEEP_ALIVE", "true ", flag},
      {"LEASEHOLD_CLIENT_MIN_TLS", "1.1", tls},
      {"LEASEHOLD_CLIENT_MIN_TLS", "1.30", tls},
      {"LEASEHOLD_CLIENT_MIN_TLS", "tls1_2", tls},
      {"LEASEHOLD_CLIENT_ORIGIN", "http://a.example", R"("https://host" or "https://host:port")"},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "0ms", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "0h", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "-1s", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "250", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "ms", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "250 ms", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "1.5s", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "250us", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "2S", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "1s500ms", time},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT", "3600001ms", time},
      {"LEASEHOLD_CLIENT_REQUEST_TIMEOUT", "2h", time},
      // In milliseconds, these are 0, 1 s and 1 h modulo 2^64.
      {"LEASEHOLD_CLIENT_REQUEST_TIMEOUT", "18446744073709551616ms", time},
      {"LEASEHOLD_CLIENT_REQUEST_TIMEOUT", "2305843009213693953s", time},
      {"LEASEHOLD_CLIENT_REQUEST_TIMEOUT", "144115188075855873h", time},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.value);
    const std::string variable = row.name + '=' + row.value;
    const SettingsError error = refused_setting([&] { from_variables({variable.c_str()}); });
    CHECK(error.field() == row.name);
    CHECK(error.value() == row.value);
    CHECK(error.expected() == row.expected);
  }
}

TEST_CASE("durations may use every unit") {
  const struct {
    const char* variable;
    std::chrono::milliseconds value;
  } rows[] = {
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=1ms", 1ms},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=3600000ms", 1h},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=3600s", 1h},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=60m", 1h},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=1h", 1h},
      {"LEASEHOLD_CLIENT_CONNECT_TIMEOUT=007s", 7s},
  };
  for (const auto& row : rows) {
    CHECK(from_variables({row.variable}).client.connect_timeout == row.value);
  }
}
