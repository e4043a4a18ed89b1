// The exchange's small grammars: percent-encoding, queries, lists.
#include "paper/http_text.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
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
