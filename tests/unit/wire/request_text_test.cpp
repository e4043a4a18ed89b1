#include "leasehold/request.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "wire/request_text.hpp"

using namespace leasehold;
using detail::OutgoingRequest;

namespace {

constexpr std::string_view host = "Host: venue\r\n";

std::string rendered(const OutgoingRequest& request) {
  std::string text;
  const std::string problem = request.render(text, host);
  CHECK(problem.empty());
  return text;
}

std::string refused(const Request& request) {
  std::string text;
  std::string problem = OutgoingRequest(request).render(text, host);
  CHECK(text.empty());
  CHECK_FALSE(problem.empty());
  return problem;
}

std::string refused_header(std::string_view name, std::string_view value) {
  const Header headers[] = {{name, value}};
  return refused({.headers = headers});
}

}  // namespace

TEST_CASE("a request is written in one piece, with its length") {
  const Header headers[] = {{"X-Key", "secret"}, {"Content-Type", "application/json"}};
  CHECK(rendered(OutgoingRequest(Request{
            .method = Method::post, .path = "/v2/orders", .headers = headers, .body = "{}"})) ==
        "POST /v2/orders HTTP/1.1\r\nHost: venue\r\nX-Key: secret\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("a prepared request is the same text") {
  const Header headers[] = {{"X-Key", "secret"}};
  const PreparedRequest prepared(Method::put, "/a?b=c", headers);
  CHECK(prepared.method() == Method::put);
  CHECK(rendered({prepared, "body"}) ==
        rendered(OutgoingRequest(
            Request{.method = Method::put, .path = "/a?b=c", .headers = headers, .body = "body"})));
  CHECK(rendered({PreparedRequest(Method::get, "/"), ""}) ==
        "GET / HTTP/1.1\r\nHost: venue\r\n\r\n");
}

TEST_CASE("methods that promise a body tell its length even if it is empty, others only if not") {
  struct Row {
    Method method;
    std::string_view word;
    bool told;
  };
  const Row rows[] = {{Method::get, "GET", false},        {Method::head, "HEAD", false},
                      {Method::post, "POST", true},       {Method::put, "PUT", true},
                      {Method::patch, "PATCH", true},     {Method::del, "DELETE", false},
                      {Method::options, "OPTIONS", false}};
  for (const Row& row : rows) {
    CAPTURE(row.word);
    const std::string empty = rendered(OutgoingRequest(Request{.method = row.method}));
    CHECK(empty.starts_with(std::string(row.word) + " / HTTP/1.1\r\n"));
    CHECK((empty.find("Content-Length: 0\r\n") != std::string::npos) == row.told);
    CHECK((empty.find("Content-Length") != std::string::npos) == row.told);
    const std::string full =
        rendered(OutgoingRequest(Request{.method = row.method, .body = "xyz"}));
    CHECK(full.ends_with("Content-Length: 3\r\n\r\nxyz"));
  }
}

TEST_CASE("a path that would garble the request line is refused by name, value and expectation") {
  CHECK(refused({.path = "v2/orders"}) ==
        R"(request.path: "v2/orders": expected a path from "/" on, visible ASCII without "#" )"
        "(else percent-encoded)");
  for (const std::string_view path : {"", "a", "?a", "/a b", "/a\r\nX: y", "/a\tb", "/a#b",
                                      "/\xc3\xa9", "/a\x7f", "/a HTTP/1.1\r\n\r\n"}) {
    CHECK(refused({.path = path}).starts_with("request.path: \""));
  }
  const std::string_view with_zero("/a\0b", 4);
  CHECK(refused({.path = with_zero}).starts_with("request.path: \"/a\\x00b\": expected a path"));
}

TEST_CASE("a header that would become another one is refused, and its value is not shown") {
  for (const std::string_view name : {"", "a b", "a:", "a\r\n", "\xc3\xa9", "(a)"}) {
    CHECK(refused_header(name, "v").starts_with("request.headers: \""));
  }
  const std::string_view values[] = {
      "a\r\nB: c", "a\nb", "a\rb", std::string_view("a\0b", 3), " a", "a ", "\ta", "a\t", "a\x7f"};
  for (const std::string_view value : values) {
    const std::string problem = refused_header("APCA-API-SECRET-KEY", value);
    CHECK(problem.starts_with("request.headers.APCA-API-SECRET-KEY: \""));
    CHECK(problem.find("expected a value of one line") != std::string::npos);
    CHECK(problem.find("B: c") == std::string::npos);
  }
}

TEST_CASE("of what is no header name only its beginning is shown: a secret may stand behind it") {
  CHECK(refused_header("APCA-API-SECRET-KEY: s3cr3t", "") ==
        "request.headers: \"APCA-API-SECRET-KEY\" and 8 bytes more: expected a header name "
        "(letters, digits and some of -_.)");
  CHECK(refused_header("", "v").starts_with("request.headers: \"\": expected a header name"));
}

TEST_CASE("an empty value, tabs within and bytes beyond ASCII are a value") {
  const Header headers[] = {{"A", ""}, {"B", "x\ty"}, {"C", "\xc3\xa9"}};
  CHECK(rendered(OutgoingRequest(Request{.headers = headers})) ==
        "GET / HTTP/1.1\r\nHost: venue\r\nA: \r\nB: x\ty\r\nC: \xc3\xa9\r\n\r\n");
}

TEST_CASE("headers that leasehold writes itself are refused, in any case") {
  for (const std::string_view name :
       {"Host", "host", "HOST", "Content-Length", "content-length", "Transfer-Encoding",
        "Connection", "Expect", "TE", "Trailer", "Upgrade", "Keep-Alive"}) {
    CAPTURE(name);
    CHECK(refused_header(name, "1") ==
          "request.headers: \"" + std::string(name) +
              "\": expected a header that is not leasehold's to write");
  }
}

TEST_CASE("a method out of range is refused") {
  CHECK(refused({.method = static_cast<Method>(77)}) ==
        R"(request.method: "77": expected one of the methods in leasehold::Method)");
}

TEST_CASE("a prepared request that cannot be written throws where it is made") {
  try {
    PreparedRequest(Method::post, "orders");
    FAIL("made");
  } catch (const RequestError& error) {
    CHECK(std::string(error.what()).starts_with("request.path: \"orders\": expected a path"));
  }
  const Header headers[] = {{"Host", "other"}};
  CHECK_THROWS_AS(PreparedRequest(Method::post, "/", headers), RequestError);
}

TEST_CASE("a prepared request that was moved from is not sent half") {
  PreparedRequest first(Method::post, "/v2/orders");
  const PreparedRequest second = std::move(first);
  std::string text;
  // NOLINTNEXTLINE(bugprone-use-after-move): what it is about
  CHECK(OutgoingRequest(first, "{}").render(text, host) ==
        R"(request: "": expected a PreparedRequest that was not moved from)");
  CHECK(text.empty());
  CHECK(rendered({second, "{}"}).starts_with("POST /v2/orders HTTP/1.1\r\n"));
}
