// Where a body ends: at its length, with its last chunk, or with the connection.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "support/parsed_response.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

ParsedResponse chunked(std::string_view chunks) {
  return parsed_however_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            std::string(chunks));
}

void check_malformed(const ParsedResponse& response, std::string_view problem) {
  CHECK(response.verdict == Verdict::malformed);
  CAPTURE(response.problem);
  CHECK(response.problem.find(problem) != std::string::npos);
}

}  // namespace

TEST_CASE("a body of a known length is complete with its last byte") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  CHECK(parsed_however_cut(head + "ab").verdict == Verdict::more);
  CHECK(parsed_however_cut(head + "abc").body == "abc");
  CHECK(parsed_however_cut(head + "abcd").excess == "d");
  for (const Ending ending : {Ending::orderly, Ending::cut}) {
    CHECK(parsed_however_cut({.ending = ending}, head + "ab").verdict == Verdict::more);
  }
}

TEST_CASE("what is still to come of a body is wanted") {
  detail::ResponseParser parser({});
  const auto wanted_after = [&parser](std::string bytes) {
    parser.start(Method::get);
    std::size_t size = bytes.size();
    CHECK(parser.parse(bytes.data(), size) == Verdict::more);
    return parser.wanted();
  };
  CHECK(wanted_after("HTTP/1.1 200") == 1);
  CHECK(wanted_after("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc") == 997);
  CHECK(wanted_after("HTTP/1.1 200 OK\r\n\r\nabc") == 1);
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(wanted_after(head + "10\r\nabc") == 15);  // 13 and a CRLF
  CHECK(wanted_after(head + "3\r\nabc\r\n") == 1);
}

TEST_CASE("a body without a length ends with the connection, if that ends in order") {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\nServer: a\r\n\r\nall of it";
  CHECK(parsed_however_cut(bytes).verdict == Verdict::more);
  CHECK(parsed_however_cut({.ending = Ending::cut}, bytes).verdict == Verdict::more);
  const ParsedResponse response = parsed_however_cut({.ending = Ending::orderly}, bytes);
  CHECK(response.verdict == Verdict::complete);
  CHECK(response.body == "all of it");
  CHECK(response.excess == "");
  CHECK_FALSE(response.reusable);
}

TEST_CASE("the end of the connection completes nothing else") {
  for (const std::string_view bytes :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    CAPTURE(bytes);
    CHECK(parsed_however_cut({.ending = Ending::orderly}, bytes).verdict == Verdict::more);
  }
}

TEST_CASE("an HTTP/1.0 connection is not reusable") {
  const ParsedResponse response =
      parsed_however_cut("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na");
  CHECK(response.body == "a");
  CHECK_FALSE(response.reusable);
}

TEST_CASE("chunks are put together, and their framing is taken out") {
  const ParsedResponse response =
      chunked("4\r\nWiki\r\n005\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\n\r\nnext");
  CHECK(response.verdict == Verdict::complete);
  CHECK(response.head == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
  CHECK(response.body == "Wikipedia in\r\n\r\nchunks.");
  CHECK(response.excess == "next");
  CHECK(response.reusable);
}

TEST_CASE("a chunk's size is one to sixteen hexadecimal digits") {
  const std::string ten = "\r\n0123456789\r\n0\r\n\r\n";
  for (const std::string_view size : {"a", "A", "0a", "000000000000000A"}) {
    CAPTURE(size);
    CHECK(chunked(std::string(size) + ten).body == "0123456789");
  }
  for (const std::string_view size :
       {"", "+a", "-a", " a", "\ta", "xa", "g", "\"a\"", "\xb2", "0000000000000000a",
        "1000000000000000a", "ffffffffffffffffa"}) {
    CAPTURE(size);
    check_malformed(chunked(std::string(size) + ten), "sixteen hexadecimal digits");
  }
  for (const std::string_view size : {"a ", "a\t", "a a", "a,", "a=1", "a\r", "a.", "aG", "0xa"}) {
    CAPTURE(size);
    check_malformed(chunked(std::string(size) + ten), "extensions are malformed");
  }
  CHECK(chunked("ffffffffffffffff\r\n").verdict == Verdict::too_large);
}

TEST_CASE("a chunk is as long as its size") {
  check_malformed(chunked("2\r\nabc\r\n0\r\n\r\n"), "longer than its size");
  check_malformed(chunked("2\r\nab\n0\r\n\r\n"), "longer than its size");
  check_malformed(chunked("2\r\nab0\r\n\r\n"), "longer than its size");
  check_malformed(chunked("2\r\nab\rc"), "longer than its size");
  check_malformed(chunked("2\r\nabc"), "longer than its size");
  CHECK(chunked("3\r\na\r\n").verdict == Verdict::more);
}

TEST_CASE("a chunk's extensions are ignored if they are well formed") {
  for (const std::string_view extensions :
       {";a", ";a=b", ";a;b;c=d", ";a=\"\"", ";a=\"b c;\t=\xff\"", ";a=\"\\\"\\\\\";b",
        ";a=b;c=\"d\""}) {
    CAPTURE(extensions);
    const std::string text(extensions);
    CHECK(chunked("1" + text + "\r\nx\r\n0" + text + "\r\n\r\n").body == "x");
  }
  for (const std::string_view extensions :
       {";", ";;", ";a=", ";=b", "; a", ";a ", ";a =b", ";a= b", " ;a", ";a=b c", ";a=\"", ";a=\"b",
        ";a=\"\\\"", ";a=\"b\"c", ";a=\"\x01\"", ";a=\"\\\x01\"", ";a=\"\r\"", ";a,b", ";\xff"}) {
    CAPTURE(extensions);
    check_malformed(chunked("1" + std::string(extensions) + "\r\nx\r\n0\r\n\r\n"),
                    "extensions are malformed");
  }
  // The quoted string does not go on behind the line.
  check_malformed(chunked("1;a=\"\r\nx\r\n0;\"\r\n\r\n"), "extensions are malformed");
}

TEST_CASE("trailers are checked like headers, and dropped") {
  const ParsedResponse response = chunked("1\r\nx\r\n0\r\nX-Sum: 7\r\nServer:\r\n\r\nrest");
  CHECK(response.verdict == Verdict::complete);
  CHECK(response.body == "x");
  CHECK(response.excess == "rest");
  CHECK(response.head == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
  check_malformed(chunked("0\r\nX-Sum : 7\r\n\r\n"), "NAME: VALUE");
  check_malformed(chunked("0\r\nX-Sum\r\n\r\n"), "NAME: VALUE");
  check_malformed(chunked("0\r\n folded\r\n\r\n"), "folded");
  check_malformed(chunked("0\r\nX-Sum: \x01\r\n\r\n"), "control character");
  check_malformed(chunked("0\r\nX-Sum: 7\n\r\n"), "CRLF");
}

TEST_CASE("trailers do not frame, but may close") {
  check_malformed(chunked("0\r\nContent-Length: 0\r\n\r\n"), "in the trailers");
  check_malformed(chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), "more than one");
  const ParsedResponse response = chunked("0\r\nConnection: close\r\n\r\n");
  CHECK(response.verdict == Verdict::complete);
  CHECK_FALSE(response.reusable);
}
