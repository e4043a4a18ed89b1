// What an exchange's settings may be, and how a wrong one is named.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "leasehold/settings_error.hpp"
#include "paper/exchange_settings.hpp"

using namespace leasehold;
using namespace leasehold::paper;
using namespace leasehold::paper::detail;
using namespace std::chrono_literals;

TEST_CASE("the defaults and the limits themselves are accepted") {
  CHECK_NOTHROW(validate(ExchangeSettings{}));
  CHECK_NOTHROW(validate({.bind = "::",
                          .latency = 1h,
                          .idle_timeout = 1ms,
                          .stall_timeout = 24h,
                          .max_connections = 65'536,
                          .io_threads = 64,
                          .accounts = {{.key_id = std::string(128, 'k'), .secret = "s"},
                                       {.key_id = "!", .secret = std::string(128, '~')}}}));
}

TEST_CASE("a setting out of range is named with its value and what was expected") {
  const struct {
    std::function<void(ExchangeSettings&)> change;
    const char* field;
    const char* value;
  } rows[] = {
      {[](auto& s) { s.bind = "localhost"; }, "ExchangeSettings.bind", "localhost"},
      {[](auto& s) { s.bind = ""; }, "ExchangeSettings.bind", ""},
      {[](auto& s) { s.bind = "127.0.0.256"; }, "ExchangeSettings.bind", "127.0.0.256"},
      {[](auto& s) { s.latency = -1us; }, "ExchangeSettings.latency", "-1us"},
      {[](auto& s) { s.latency = 1h + 1us; }, "ExchangeSettings.latency", "3600000001us"},
      {[](auto& s) { s.idle_timeout = 0ms; }, "ExchangeSettings.idle_timeout", "0ms"},
      {[](auto& s) { s.stall_timeout = 25h; }, "ExchangeSettings.stall_timeout", "90000000ms"},
      {[](auto& s) { s.max_connections = 0; }, "ExchangeSettings.max_connections", "0"},
      {[](auto& s) { s.max_connections = 65'537; }, "ExchangeSettings.max_connections", "65537"},
      {[](auto& s) { s.io_threads = 0; }, "ExchangeSettings.io_threads", "0"},
      {[](auto& s) { s.io_threads = 65; }, "ExchangeSettings.io_threads", "65"},
      {[](auto& s) { s.accounts = {{.key_id = "", .secret = "hunter2"}}; },
       "ExchangeSettings.accounts[0].key_id", ""},
      {[](auto& s) {
         s.accounts = {{.key_id = "a", .secret = "b"}, {.key_id = "a b", .secret = "hunter2"}};
       },
       "ExchangeSettings.accounts[1].key_id", "a b"},
      {[](auto& s) {
         s.accounts = {{.key_id = "a", .secret = "b"}, {.key_id = "a", .secret = "hunter2"}};
       },
       "ExchangeSettings.accounts[1].key_id", "a"},
      {[](auto& s) { s.accounts = {{.key_id = "a", .secret = ""}}; },
       "ExchangeSettings.accounts[0].secret", "***"},
      {[](auto& s) { s.accounts = {{.key_id = "a", .secret = "hunter2\r\n"}}; },
       "ExchangeSettings.accounts[0].secret", "***"},
      {[](auto& s) { s.accounts = {{.key_id = "a", .secret = "hunter2" + std::string(128, 'x')}}; },
       "ExchangeSettings.accounts[0].secret", "***"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.field);
    ExchangeSettings settings;
    row.change(settings);
    try {
      validate(settings);
      FAIL("accepted");
    } catch (const SettingsError& error) {
      CHECK(error.field() == row.field);
      CHECK(error.value() == row.value);
      CHECK_FALSE(error.expected().empty());
      CHECK(std::string(error.what()).find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("a URL's host reaches what is bound") {
  CHECK(reachable_host("127.0.0.1") == "127.0.0.1");
  CHECK(reachable_host("0.0.0.0") == "127.0.0.1");
  CHECK(reachable_host("::1") == "[::1]");
  CHECK(reachable_host("::") == "[::1]");
}
