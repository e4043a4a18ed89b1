// No error repeats what may be a credential: whatever is wrong beside it, wherever it was put.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/origin.hpp"
#include "core/quote.hpp"
#include "core/settings_table.hpp"
#include "leasehold/settings_sources.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;
using detail::without_credentials;

namespace {

constexpr std::string_view secret = "hunter2";

// What follows "https", right and wrong; and no scheme at all.
constexpr std::string_view schemes[] = {"https://",
                                        "https:/",
                                        "https//",
                                        "https:",
                                        "https:\\\\",
                                        "https:///",
                                        "https:://",
                                        "HTTPS://",
                                        "http://",
                                        "wss://",
                                        "ftp://",
                                        "htps://",
                                        "://",
                                        "//",
                                        "/",
                                        "\\\\",
                                        "",
                                        " https://",
                                        "\"https://",
                                        "<https://",
                                        "origin=https://",
                                        "https://https://",
                                        "https%3A%2F%2F"};

constexpr std::string_view logins[] = {
    "svc:hunter2",     "hunter2",       ":hunter2",           "hunter2:",       "svc:a@hunter2",
    "svc:hunter2@b",   "svc:a/hunter2", "svc:hunter2/b",      "svc:a?hunter2",  "svc:a#hunter2#b",
    "svc:a=hunter2",   "svc:hunter2==", "svc:a:hunter2",      "svc:12/hunter2", "svc%3Ahunter2",
    "svc:a://hunter2", "svc: hunter2 ", "svc:\xc3\xa9hunter2"};

constexpr std::string_view at_signs[] = {"@", "%40", "%2540", "%252540", "\xef\xbc\xa0", "@@"};

constexpr std::string_view hosts[] = {"api.example.com", "[::1]:8443", "::1",    "a..b", "",
                                      "host:port",       "host\n",     "host/v2"};

// Origins with a credential somewhere, spelled in many ways.
std::vector<std::string> leaky_texts() {
  std::vector<std::string> texts;
  const auto add = [&texts](std::string text) { texts.push_back(std::move(text)); };
  for (const std::string_view scheme : schemes) {
    for (const std::string_view login : logins) {
      for (const std::string_view at : at_signs) {
        add(std::string(scheme).append(login).append(at).append(hosts[0]));
      }
      for (const std::string_view host : hosts) {
        add(std::string(scheme).append(login).append("@").append(host));
      }
    }
    // Without an "@".
    for (const char* rest :
         {"svc:hunter2", "svc:hunter2/api.example.com", "svc:hunter2 api.example.com",
          "svc:hunter2:8443", ":hunter2", "svc:hunter2#host", "svc%3ahunter2",
          "api.example.com?token=hunter2", "api.example.com/?hunter2", "api.example.com#hunter2",
          "api.example.com/#token=hunter2", "api.example.com:443/v2?a=b&token=hunter2",
          "[::1]:443?hunter2", "[::1]:hunter2", "api.example.com%3Ftoken%3Dhunter2",
          "svc:a@host?token=hunter2", "host?to=a@hunter2", "host#a@hunter2", "host?a=@hunter2"}) {
      add(std::string(scheme).append(rest));
    }
  }
  for (const char* text :
       {"https://api.example.com/hunter2", "https://api.example.com:443/v3/hunter2",
        "https:/api.example.com/hunter2", "token=hunter2", "Authorization: Bearer hunter2",
        R"({"password": "hunter2"})", R"(https://svc:hunter2\u0040host)",
        "https://svc:hunter2&#64;host"}) {
    add(text);
  }
  // Beyond where errors are cut.
  add("https://svc:" + std::string(100, 'a') + "hunter2@host");
  add("https://hunter2" + std::string(100, 'a') + "@host");
  return texts;
}

// A part of it would be too much.
bool shows_secret(std::string_view text) {
  for (std::size_t at = 0; at + 4 <= secret.size(); ++at) {
    if (text.find(secret.substr(at, 4)) != std::string_view::npos) return true;
  }
  return false;
}

void check_silent(const SettingsError& error) {
  CAPTURE(error.what());
  CHECK_FALSE(shows_secret(error.what()));
  CHECK_FALSE(shows_secret(error.field()));
  CHECK_FALSE(shows_secret(error.value()));
  CHECK_FALSE(shows_secret(error.expected()));
  CHECK_FALSE(error.field().empty());
  CHECK_FALSE(error.expected().empty());
}

// True if `call` refused something.
template <class Call>
bool silent(Call&& call) {
  try {
    call();
    return false;
  } catch (const SettingsError& error) {
    check_silent(error);
    return true;
  }
}

std::string json_string(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      json.append("\\u00").append({digits[byte >> 4], digits[byte & 0xf]});
    } else {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
  }
  return json + '"';
}

std::string json_of(const detail::Field& field, const std::string& value) {
  return "{\"" + std::string(field.section) + "\": {\"" + std::string(field.name) + "\": " + value +
         "}}";
}

}  // namespace

TEST_CASE("what is hidden is the credential, and as little else as is safe") {
  const struct {
    std::string text;
    std::string shown;
  } rows[] = {
      {"https://user:secret@a.example", "https://***@a.example"},
      {"https://secret@[::1]:1", "https://***@[::1]:1"},
      {"https://@a.example", "https://***@a.example"},
      {"https://user:sec@ret@a.example", "https://***@a.example"},
      {"https://user:sec/ret@a.example", "https://***@a.example"},
      {"https:/user:secret@a.example:443", "https:/***@a.example:443"},
      {"https//user:secret@a.example", "https//***@a.example"},
      {"https:user:secret@a.example", "https:***@a.example"},
      {"https:\\\\user:secret@a.example", "https:\\\\***@a.example"},
      {"HTTP://user:secret@a.example", "HTTP://***@a.example"},
      {"user:secret@a.example", "***@a.example"},
      {"//user:secret@a.example", "***@a.example"},
      {"https://user:secret%40a.example", "https://***%40a.example"},
      {"https://user:secret@a.example/v2/secret", "https://***@a.example/***"},
      {"https://user:sec?ret@a.example", "https://***"},
      {"https://user:secret", "https://user:***"},
      {"user:secret", "user:***"},
      {"https://a.example?token=secret", "https://a.example?***"},
      {"https://a.example:443?token=secret", "https://a.example:443?***"},
      {"https://a.example:443/v2", "https://a.example:443/***"},
      {"https://a.example:https", "https://a.example:***"},
      {"token=secret", "token=***"},
      {"12:30", "12:30"},
      // Nothing to hide.
      {"", ""},
      {"https://", "https://"},
      {"https://a.example/", "https://a.example/"},
      {"https://a.example?", "https://a.example?"},
      {"http://a.example:65536", "http://a.example:65536"},
      {"https://2001:db8::1", "https://2001:db8::1"},
      {"https://::1", "https://::1"},
      {"https://[2001:db8::1]8443", "https://[2001:db8::1]8443"},
      {"a.example:443", "a.example:443"},
      {"/etc/ssl/certs/ca.pem", "/etc/ssl/certs/ca.pem"},
      {"1 GB", "1 GB"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(without_credentials(row.text) == row.shown);
  }
}

TEST_CASE("hiding twice hides no more than once") {
  for (const std::string& text : leaky_texts()) {
    CAPTURE(text);
    const std::string once = without_credentials(text);
    CHECK(without_credentials(once) == once);
  }
}

TEST_CASE("a credential in any field is not repeated, be it set in code, JSON or environment") {
  for (const std::string& text : leaky_texts()) {
    CAPTURE(text);
    for (const detail::Field& field : detail::fields()) {
      CAPTURE(field.json_name());
      const bool taken_as_it_is = field.json_name() == "client.ca_file" || field.name == "name";
      const bool from_json = silent([&] { settings_from_json(json_of(field, json_string(text))); });
      const std::string variable = field.environment_name() + "=" + text;
      const char* const variables[] = {variable.c_str(), nullptr};
      const bool from_environment = silent([&] { detail::settings_from_variables(variables, {}); });
      if (!taken_as_it_is) {
        CHECK(from_json);
        CHECK(from_environment);
      }
    }
    CHECK(silent([&] { validate(ClientSettings{.origin = text}); }));
    CHECK(silent([&] { detail::parse_origin(text); }));
    silent([&] { validate(ClientSettings{.ca_file = text}); });
    silent([&] { validate(PoolSettings{.name = text}); });
    silent([&] { validate(PoolSettings{.name = text + '\n'}); });
    silent([&] { validate(PerThreadSettings{.name = text}); });
    silent([&] { validate(ChannelSettings{.name = text}); });
  }
}

TEST_CASE("a credential is not repeated where JSON has no place for it") {
  for (const std::string& text : leaky_texts()) {
    CAPTURE(text);
    const std::string value = json_string(text);
    for (const std::string& json : {value, "{\"client\": " + value + '}',
                                    "{\"client\": {" + value + ": 1}}", '{' + value + ": 1}"}) {
      CAPTURE(json);
      CHECK(silent([&] { settings_from_json(json); }));
    }
    CHECK(silent([&] { settings_from_json_file(text); }));
  }
}

TEST_CASE("a credential is not repeated from a text that is not JSON") {
  const std::string whole =
      R"({"client": {"origin": "https://svc:hunter2@host", "key": "hunter2", "a": hunter2}})";
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    for (const char* inserted : {"\"", "}", "{", ",", "\\", "\n", "\xff", "x", " ", ":", "["}) {
      std::string json = whole;
      json.insert(at, inserted);
      CAPTURE(json);
      CHECK(silent([&] { settings_from_json(json); }));
    }
    CHECK(silent([&] { settings_from_json(whole.substr(at)); }));
    CHECK(silent([&] { settings_from_json(whole.substr(0, at)); }));
  }
  CHECK(silent([&] { settings_from_json(whole + std::string(1 << 20, ' ')); }));
  CHECK(silent([&] { settings_from_json(whole + '\0'); }));
  CHECK(silent([&] { settings_from_json("\"https://svc:hunter2" + std::string(1 << 20, 'a')); }));
}

TEST_CASE("a credential in the name of a variable is not repeated") {
  for (const char* variable :
       {"LEASEHOLD_CLIENT_https://svc:hunter2@host=1", "LEASEHOLD_POOL_SIZE:hunter2@=1"}) {
    const char* const variables[] = {variable, nullptr};
    CHECK(silent([&] { detail::settings_from_variables(variables, {}); }));
  }
}

TEST_CASE("a pool cannot be named by a URL or a login, for its name is shown everywhere") {
  for (const char* name :
       {"https://svc:hunter2@host", "https:/svc:hunter2@host", "svc:hunter2@host",
        "svc:hunter2%40host", "https//hunter2@host", "//host?token=hunter2", "tcp://host"}) {
    CAPTURE(name);
    const SettingsError error = refused_setting([&] { validate(PoolSettings{.name = name}); });
    check_silent(error);
    CHECK(error.field() == "pool.name");
    CHECK(error.expected() == "a name, which is shown in errors and metrics, not a URL");
  }
  for (const char* name : {"orders@eu", "alpaca:live", "a/b", "http/2", "https", "50% off: 40"}) {
    CAPTURE(name);
    CHECK_NOTHROW(validate(PoolSettings{.name = name}));
  }
}
