// Whatever the text: settings that are valid, or a SettingsError of one readable line.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "leasehold/settings_sources.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;

namespace {

constexpr std::string_view whole =
    R"({"client": {"origin": "https://[::1]:8443", "ca_file": "\u00fc.pem", "verify": true,
 "min_tls": "1.3", "probe": "GET /",
 "connect_timeout": "250ms", "request_timeout": "5s", "tcp_nodelay": false,
 "keep_alive": true, "max_response_header": 4096, "max_response_body": 0},
 "pool": {"name": "a \"b\"", "size": 16, "max_waiting": 0,
 "acquire_timeout": "1h"},
 "per_thread": {"name": "t", "max_threads": 256},
 "channel": {"name": "c", "workers": 2, "clients": 4096, "capacity": 1}})";

// True if the text was accepted.
bool accepted(const std::string& json) {
  CAPTURE(json);
  try {
    Settings base;
    base.client.origin = "https://a.example";
    const Settings settings = settings_from_json(json, base);
    CHECK_NOTHROW(validate(settings.client));
    CHECK_NOTHROW(validate(settings.pool));
    CHECK_NOTHROW(validate(settings.per_thread));
    // That they fit together, no source checks.
    if (settings.channel.clients >= settings.channel.workers) {
      CHECK_NOTHROW(validate(settings.channel));
    }
    return true;
  } catch (const SettingsError& error) {
    const std::string_view line = error.what();
    CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(line.size() < 1000);
    return false;
  }
}

}  // namespace

TEST_CASE("no text that ends early is accepted") {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(accepted(std::string(whole.substr(0, size))));
  }
  CHECK(accepted(std::string(whole)));
}

TEST_CASE("bytes that change, vanish or appear lead to valid settings or to an error") {
  std::mt19937 random(20240229);
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  constexpr std::string_view tokens[] = {
      "{",    "}",       "[",        "]",    ",",    ":",  "\"", "\\",
      "\\u",  "\\ud800", "-",        ".",    "e",    "0",  "9",  "99999999999999999999",
      "null", "true",    "\"size\"", "\xff", "\xc3", "\n", "@"};
  std::size_t good = 0, bad = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string json(whole);
    for (std::size_t change = 0; change <= below(3); ++change) {
      const std::size_t at = below(json.size());
      switch (below(4)) {
        case 0:
          json[at] = static_cast<char>(json[at] ^ (1 << below(8)));
          break;
        case 1:
          json[at] = static_cast<char>(below(256));
          break;
        case 2:
          json.erase(at, 1 + below(8));
          break;
        default:
          json.insert(at, tokens[below(std::size(tokens))]);
          break;
      }
    }
    ++(accepted(json) ? good : bad);
  }
  CHECK(good > 10);
  CHECK(bad > 1000);
}

TEST_CASE("depth costs no stack") {
  for (const std::string opening : {"[", "{\"pool\":", "{\"pool\":{\"size\":"}) {
    std::string json;
    while (json.size() + opening.size() <= (1 << 20)) json += opening;
    const SettingsError error = refused_setting([&json] { settings_from_json(json); });
    CHECK_FALSE(error.expected().starts_with("at most"));  // so it was not for its length
  }
}
