// Settings from JSON: strictness, and errors that name the place.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "leasehold/settings_sources.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;
using namespace std::chrono_literals;

namespace {

struct Refused {
  std::string json;
  std::string field;
  std::string value;
  std::string expected;
};

template <std::size_t count>
void check_refused(const Refused (&rows)[count]) {
  for (const Refused& row : rows) {
    CAPTURE(row.json);
    const SettingsError error = refused_setting([&row] { settings_from_json(row.json); });
    CHECK(error.field() == row.field);
    CHECK(error.value() == row.value);
    CHECK(error.expected() == row.expected);
  }
}

std::string client(const std::string& fields) { return "{\"client\":{" + fields + "}}"; }
std::string pool(const std::string& fields) { return "{\"pool\":{" + fields + "}}"; }

constexpr auto size_range = "a whole number from 1 to 65536";

}  // namespace

TEST_CASE("fields that are not named keep the value of the base") {
  Settings base;
  base.client.origin = "https://base.example";
  base.pool.name = "base";
  base.pool.size = 3;
  for (const char* json : {"{}", R"({"pool":{}})", "\t{\r\n \"client\" : { } , \"pool\":{} } \n"}) {
    const Settings settings = settings_from_json(json, base);
    CHECK(settings.client.origin == "https://base.example");
    CHECK(settings.pool.name == "base");
    CHECK(settings.pool.size == 3);
  }
  const Settings settings =
      settings_from_json(R"({"pool":{"size":4},"client":{"keep_alive":false}})", base);
  CHECK(settings.client.origin == "https://base.example");
  CHECK_FALSE(settings.client.keep_alive);
  CHECK(settings.client.tcp_nodelay);
  CHECK(settings.pool.name == "base");
  CHECK(settings.pool.size == 4);
}

TEST_CASE("escapes in strings are resolved before the value is checked") {
  const Settings settings =
      settings_from_json(client(R"("origin":"https:\/\/\u0061.example","ca_file":"\u00fc.pem")"));
  CHECK(settings.client.origin == "https://a.example");
  CHECK(settings.client.ca_file == "\xc3\xbc.pem");
}

TEST_CASE("a byte order mark before the object is skipped") {
  CHECK(settings_from_json("\xef\xbb\xbf"
                           R"({"pool":{"size":4}})")
            .pool.size == 4);
}

TEST_CASE("the first error is reported, wherever the text breaks later") {
  CHECK(refused_setting([] { settings_from_json(R"({"pool":{"size":0,"size":)"); }).value() == "0");
}

TEST_CASE("unknown names are refused with the known ones") {
  check_refused({
      {R"({"pol":{}})", "JSON", "pol", "one of client, pool, per_thread, channel"},
      {R"({"":1})", "JSON", "", "one of client, pool, per_thread, channel"},
      {R"({"size":16})", "JSON", "size", "one of client, pool, per_thread, channel"},
      {R"({"pool.size":16})", "JSON", "pool.size", "one of client, pool, per_thread, channel"},
      {R"({"per-thread":{}})", "JSON", "per-thread", "one of client, pool, per_thread, channel"},
      {R"({"per_thread":{"size":16}})", "per_thread", "size", "one of name, max_threads"},
      {R"({"channel":{"size":16}})", "channel", "size", "one of name, workers, clients, capacity"},
      {pool(R"("sice":16)"), "pool", "sice", "one of name, acquire_timeout, size, max_waiting"},
      {pool(R"("Size":16)"), "pool", "Size", "one of name, acquire_timeout, size, max_waiting"},
      {pool(R"("size\u0000":16)"), "pool", std::string("size\0", 5),
       "one of name, acquire_timeout, size, max_waiting"},
      {client(R"("name":"a")"), "client", "name",
       "one of origin, ca_file, verify, min_tls, probe, connect_timeout, request_timeout, "
       "tcp_nodelay, keep_alive, max_response_header, max_response_body"},
  });
}

TEST_CASE("a name that is there twice is refused") {
  check_refused({
      {R"({"pool":{},"pool":{}})", "JSON", "pool", "each name once"},
      {R"({"pool":{},"client":{},"pool":{}})", "JSON", "pool", "each name once"},
      {pool(R"("size":16,"size":16)"), "pool", "size", "each name once"},
      {pool(R"("size":16,"name":"a","\u0073ize":16)"), "pool", "size", "each name once"},
  });
}

TEST_CASE("a value of another type is refused") {
  check_refused({
      {"[]", "JSON", "[", "an object, not an array"},
      {"null", "JSON", "null", "an object, not null"},
      {"16", "JSON", "16", "an object, not a number"},
      {"\"pool\"", "JSON", "***", "an object, not a string"},
      {"true", "JSON", "true", "an object, not a boolean"},
      {R"({"pool":16})", "pool", "16", "an object, not a number"},
      {R"({"pool":null})", "pool", "null", "an object, not null"},
      {R"({"client":{},"pool":[]})", "pool", "[", "an object, not an array"},
      {pool(R"("size":"16")"), "pool.size", "16", "a whole number from 1 to 65536, not a string"},
      {pool(R"("size":null)"), "pool.size", "null", "a whole number from 1 to 65536, not null"},
      {pool(R"("size":[16])"), "pool.size", "[", "a whole number from 1 to 65536, not an array"},
      {pool(R"("size":{})"), "pool.size", "{", "a whole number from 1 to 65536, not an object"},
      {pool(R"("size":true)"), "pool.size", "true",
       "a whole number from 1 to 65536, not a boolean"},
      {pool(R"("name":16)"), "pool.name", "16", "1 to 64 printable ASCII characters, not a number"},
      {client(R"("verify":"false")"), "client.verify", "false", "true or false, not a string"},
      {client(R"("verify":0)"), "client.verify", "0", "true or false, not a number"},
      {client(R"("min_tls":1.3)"), "client.min_tls", "1.3", R"("1.2" or "1.3", not a number)"},
      {client(R"("connect_timeout":2000)"), "client.connect_timeout", "2000",
       "a whole number and its unit (ms, s, m or h), from 1ms to 1h, not a number"},
      {client(R"("origin":false)"), "client.origin", "false",
       R"("https://host" or "https://host:port", not a boolean)"},
      {client(R"("ca_file":null)"), "client.ca_file", "null",
       "a path without NUL bytes, or nothing, not null"},
  });
}

TEST_CASE("a value that cannot be used is refused as it was written") {
  check_refused({
      {pool(R"("size":0)"), "pool.size", "0", size_range},
      {pool(R"("size":-1)"), "pool.size", "-1", size_range},
      {pool(R"("size":65537)"), "pool.size", "65537", size_range},
      {pool(R"("size":16.0)"), "pool.size", "16.0", size_range},
      {pool(R"("size":1e1)"), "pool.size", "1e1", size_range},
      {pool(R"("size":1E-400)"), "pool.size", "1E-400", size_range},
      {pool(R"("size":-0)"), "pool.size", "-0", size_range},
      {pool(R"("size":4294967297)"), "pool.size", "4294967297", size_range},
      {pool(R"("size":18446744073709551617)"), "pool.size", "18446744073709551617", size_range},
      {pool(R"("max_waiting":1000001)"), "pool.max_waiting", "1000001",
       "a whole number from 0 to 1000000"},
      {pool(R"("name":"")"), "pool.name", "", "1 to 64 printable ASCII characters"},
      {pool(R"("name":"a\u0000")"), "pool.name", std::string("a\0", 2),
       "1 to 64 printable ASCII characters"},
      {pool(R"("acquire_timeout":"61m")"), "pool.acquire_timeout", "61m",
       "a whole number and its unit (ms, s, m or h), from 0ms to 1h"},
      {client(R"("min_tls":"1.1")"), "client.min_tls", "1.1", R"("1.2" or "1.3")"},
      {client(R"("request_timeout":"0ms")"), "client.request_timeout", "0ms",
       "a whole number and its unit (ms, s, m or h), from 1ms to 1h"},
      {client(R"("origin":"https://a.example:0")"), "client.origin", "https://a.example:0",
       "a port from 1 to 65535"},
      {client(R"("ca_file":"a\u0000.pem")"), "client.ca_file", std::string("a\0.pem", 6),
       "a path without NUL bytes, or nothing"},
  });
}

TEST_CASE("text that is not JSON is refused with line and column") {
  check_refused({
      {"", "JSON line 1, column 1", "", "an object, not the end"},
      {" \n ", "JSON line 2, column 2", "", "an object, not the end"},
      {"\xef\xbb\xbf{},", "JSON line 1, column 3", ",", "nothing after the object"},
      {"\xef\xbb\xbf\xef\xbb\xbf{}", "JSON line 1, column 1", "\xef", "a value"},
      {"\xef\xbb{}", "JSON line 1, column 1", "\xef", "a value"},
      {"{}\n{}", "JSON line 2, column 1", "{", "nothing after the object"},
      {"{},", "JSON line 1, column 3", ",", "nothing after the object"},
      {"{} // note", "JSON line 1, column 4", "/", "nothing after the object"},
      {std::string("{}\0{", 4), "JSON line 1, column 3", std::string("\0", 1), "no NUL byte"},
      {"{\n  pool: {}\n}", "JSON line 2, column 3", "p", "a name in double quotes"},
      {"{\"pool\" {}}", "JSON line 1, column 9", "{", R"(":" after the name)"},
      {"{\"pool\": {}\n \"client\": {}}", "JSON line 2, column 2", "\"",
       R"("," or "}" after the value)"},
      {"{\"pool\":{},}", "JSON line 1, column 12", "}", "a name in double quotes"},
      {"{\"pool\":", "JSON line 1, column 9", "", "a value, not the end"},
      {"{\"pool\":{\"max_waiting\":016}}", "JSON line 1, column 25", "1",
       R"("," or "}" after the value)"},
      {"{\"pool\":{\"size\":+1}}", "JSON line 1, column 17", "+", "a value"},
      {"{\"pool\":{\"size\":NaN}}", "JSON line 1, column 17", "N", "a value"},
      {"{\"pool\":{\"size\":1.}}", "JSON line 1, column 19", "}",
       "a digit after the decimal point"},
      {"{\"pool\":{\"size\":1e}}", "JSON line 1, column 19", "}", "a digit in the exponent"},
      {"{\"pool\":{\"size\":1e999}}", "JSON line 1, column 17", "1", "a smaller number"},
  });
}

TEST_CASE("strings must be closed, correctly escaped and valid UTF-8") {
  const struct {
    std::string text;  // what follows {"pool":{"name":"
    std::string expected;
  } rows[] = {
      {"a", R"(a closing ", not the end)"},
      {"a\\x\"}}", "a valid escape in the string"},
      {"a\n\"}}", "a valid escape in the string"},
      {"\\u00g0\"}}", R"(four hex digits after "\u")"},
      {"\\ud800\"}}", "a pair of surrogates"},
      {"\xff\"}}", "valid UTF-8"},
      {"\xc3\"}}", "valid UTF-8"},
      {"\xc0\xaf\"}}", "valid UTF-8"},
      {"\xed\xa0\x80\"}}", "valid UTF-8"},
      {"\xc3", "valid UTF-8"},
      {"\xe2", "valid UTF-8"},
      {"\xe2\x82", "valid UTF-8"},
      {"\xf0", "valid UTF-8"},
      {"\xf0\x9f", "valid UTF-8"},
      {"\xf0\x9f\x98", "valid UTF-8"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const std::string json = R"({"pool":{"name":")" + row.text;
    const SettingsError error = refused_setting([&json] { settings_from_json(json); });
    CHECK(error.field().starts_with("JSON line 1, column "));
    CHECK(error.expected() == row.expected);
  }
}
