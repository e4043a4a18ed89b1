// The exchange's small grammars: percent-encoding, queries, lists.
#include "paper/server/http_text.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace leasehold::paper::detail;

TEST_CASE("percent-encoding is undone") {
  CHECK(percent_decoded("a%20b%2Fc%c3%B6", false) == "a b/c\xc3\xb6");
  CHECK(percent_decoded("a+b", false) == "a+b");
  CHECK(percent_decoded("a+b%2B", true) == "a b+");
  CHECK(percent_decoded("%00", false) == std::string(1, '\0'));
  CHECK(percent_decoded("", false) == "");
}

TEST_CASE("a percent sign without two hex digits is refused") {
  for (const char* text : {"%", "%4", "a%", "%4g", "%g4", "%-1", "%+1", "% 1", "%%41"}) {
    CAPTURE(text);
    CHECK(percent_decoded(text, false) == std::nullopt);
  }
}

TEST_CASE("a host is a name or an address, with or without a port") {
  const auto check = [](std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      CAPTURE(text);
      CHECK(is_host_and_port(text));
    }
  };
  check({"", "x", "localhost", "API.example.com.", "a_b-c~d", "a,b;c=(d)!$&'*+", "%41%f6"});
  check({"127.0.0.1", "999.1", "127.0.0.1:8443"});
  check({"x:", "x:443", "x:99999", ":443"});
  check({"[::1]", "[2001:DB8::A]", "[::1]:8443", "[::]:"});
  check({"[::ffff:127.0.0.1]", "[1:2:3:4:5:6:7:8]", "[v7.a:b]", "[VF.-]:1"});
}

TEST_CASE("what is no host and port is told from one") {
  const auto check = [](std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
      CAPTURE(text);
      CHECK_FALSE(is_host_and_port(text));
    }
  };
  check({"::1", "::1:8443", "1:2:3:4:5:6:7:8"});
  check({"user@host", "user:secret@host", "@host"});
  check({"a b", "a\tb", "a, b", std::string_view("a\0b", 3)});
  check({"host/", "host/path", "host?q", "host#f", "https://host"});
  check({"host:80x", "host:x", "host:-1", "host:+1", "host:80:80", "host: 80"});
  check({"host\\x", "a\"b", "<a>", "a|b", "{a}", "a^b", "a`b", "\xc3\xa4"});
  check({"%", "%4", "a%4g", "%%41"});
  check({"[::1", "::1]", "[]", "[]:80", "[::1]80", "[::1]:x", "[::1]x:80", "[::1]]", "[[::1]]"});
  check({"x[::1]", "[x]", "[127.0.0.1]", "[::1%25eth0]", "[::1%eth0]", "[1:2:3]", "[::12345]"});
  check({"[1::2::3]", "[ ::1]", std::string_view("[::1\0]", 6)});
  check({"[v.a]", "[v7.]", "[v7]", "[vg.a]", "[v7.a/b]"});
}

TEST_CASE("a query's parameters are found by their decoded names") {
  const auto id = [](std::string_view query) { return query_value(query, "id"); };
  CHECK(id("id=7") == "7");
  CHECK(id("x=1&id=7&id=8") == "7");
  CHECK(id("%69d=7") == "7");
  CHECK(id("id=a%26b%3Dc") == "a&b=c");
  CHECK(id("id=a=b") == "a=b");
  CHECK(id("id=") == "");
  CHECK(id("id") == "");
  CHECK(id("&&id=7&") == "7");
  CHECK(id("") == std::nullopt);
  CHECK(id("idx=7") == std::nullopt);
  CHECK(id("ID=7") == std::nullopt);
  CHECK(id("id=%zz") == std::nullopt);
}

TEST_CASE("lists are split at commas and trimmed") {
  std::vector<std::string> seen;
  for_each_listed(" a ,b,\t,c", [&](std::string_view item) { seen.emplace_back(item); });
  CHECK(seen == std::vector<std::string>{"a", "b", "", "c"});
}
