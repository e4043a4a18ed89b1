// What is an HTTP/1 response, and what is not: status line, header lines, framing. How it may be
// split and limited is in response_parser_input_test.cpp.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "support/parsed_response.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::string_view_literals;

namespace {

// The verdict on a response with this header line, and a body of two bytes at most.
ParsedResponse with_line(std::string_view line, int status = 200, Method method = Method::get) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " OK\r\n";
  bytes.append(line).append("\r\n\r\n");
  return parsed_however_cut({.method = method}, bytes);
}

// `problem` is part of the sentence for the operator.
void check_malformed(const ParsedResponse& response, std::string_view problem) {
  CHECK(response.verdict == Verdict::malformed);
  CAPTURE(response.problem);
  CHECK(response.problem.find(problem) != std::string::npos);
}

}  // namespace

TEST_CASE("a response is its status, its head and its body") {
  const ParsedResponse response = parsed_however_cut(
      "HTTP/1.1 200 All is well\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nhello, world");
  CHECK(response.verdict == Verdict::complete);
  CHECK(response.status == 200);
  CHECK(response.head == "HTTP/1.1 200 All is well\r\nServer: nginx\r\nContent-Length: 5\r\n");
  CHECK(response.body == "hello");
  CHECK(response.excess == ", world");
  CHECK(response.reusable);
  CHECK(response.problem == "");
}

TEST_CASE("a status line is HTTP/1.1 or HTTP/1.0, three digits and a reason that may be empty") {
  for (const std::string_view line :
       {"HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 599 \tany \xff reason~",
        "HTTP/1.1 299  two spaces"}) {
    CAPTURE(line);
    const std::string bytes = std::string(line) + "\r\nContent-Length: 0\r\n\r\n";
    CHECK(parsed_however_cut(bytes).verdict == Verdict::complete);
  }
}

TEST_CASE("any other status line is malformed") {
  struct Row {
    std::string_view line, problem;
  };
  for (const Row& row : {
           Row{"", "not an HTTP/1.1"},
           Row{" HTTP/1.1 200 OK", "not an HTTP/1.1"},
           Row{"http/1.1 200 OK", "not an HTTP/1.1"},
           Row{"HTTP/1.2 200 OK", "not an HTTP/1.1"},
           Row{"HTTP/2.0 200 OK", "not an HTTP/1.1"},
           Row{"HTTP/1.10 200 OK", "not an HTTP/1.1"},
           Row{"HTTP/01.1 200 OK", "not an HTTP/1.1"},
           Row{"HTTP/1.1", "not an HTTP/1.1"},
           Row{"HTTP/1.1\t200 OK", "not an HTTP/1.1"},
           Row{"SSH-2.0-OpenSSH_9.2", "not an HTTP/1.1"},
           Row{"HTTP/1.1 ", "status code"},
           Row{"HTTP/1.1 20", "status code"},
           Row{"HTTP/1.1 20 OK", "status code"},
           Row{"HTTP/1.1  200 OK", "status code"},
           Row{"HTTP/1.1 +20 OK", "status code"},
           Row{"HTTP/1.1 2x0 OK", "status code"},
           Row{"HTTP/1.1 20x OK", "status code"},
           Row{"HTTP/1.1 000 OK", "status code"},
           Row{"HTTP/1.1 099 OK", "status code"},
           Row{"HTTP/1.1 600 OK", "status code"},
           Row{"HTTP/1.1 999 OK", "status code"},
           Row{"HTTP/1.1 200", "no space"},
           Row{"HTTP/1.1 2000 OK", "no space"},
           Row{"HTTP/1.1 200\tOK", "no space"},
           Row{"HTTP/1.1 200 O\rK", "control character"},
           Row{"HTTP/1.1 200 OK\r", "control character"},
           Row{"HTTP/1.1 200 \x01", "control character"},
           Row{"HTTP/1.1 200 \x7f", "control character"},
           Row{"HTTP/1.1 200 \0"sv, "control character"},
       }) {
    CAPTURE(row.line);
    const std::string bytes = std::string(row.line) + "\r\nContent-Length: 0\r\n\r\n";
    check_malformed(parsed_however_cut(bytes), row.problem);
  }
}

TEST_CASE("who does not speak HTTP is found out before the line's end") {
  for (const std::string_view bytes : {"S", "HTTP/2", "HTTP/1,", "\r", "\n", "\x15\x03\x03"}) {
    CAPTURE(bytes);
    CHECK(parsed_however_cut(bytes).verdict == Verdict::malformed);
  }
  CHECK(parsed_however_cut("HTTP/1.").verdict == Verdict::more);
}

TEST_CASE("a line ends in CRLF and in nothing else") {
  for (const std::string_view bytes : {
           "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n",
           "HTTP/1.1 200 OK\r\n\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nServer: a\n\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n",
       }) {
    CAPTURE(bytes);
    check_malformed(parsed_however_cut(bytes), "does not end in CRLF");
  }
  CHECK(with_line("Server: a\rb").verdict == Verdict::malformed);
  CHECK(with_line("Content-Length: 0\r").verdict == Verdict::malformed);
  CHECK(with_line("\rServer: a").verdict == Verdict::malformed);
}

TEST_CASE("a header's name is a token right before its colon") {
  for (int octet = 0; octet < 256; ++octet) {
    CAPTURE(octet);
    const char c = static_cast<char>(octet);
    const std::string name = {'a', c, 'b'};
    const bool token = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    // "a:b: 1" is the header "a".
    const bool accepted =
        with_line("Content-Length: 0\r\n" + name + ": 1").verdict == Verdict::complete;
    CHECK(accepted == (token || c == ':'));
  }
  check_malformed(with_line("Content-Length : 0"), "NAME: VALUE");
  check_malformed(with_line(": 0"), "NAME: VALUE");
  check_malformed(with_line("Content-Length"), "NAME: VALUE");
  check_malformed(with_line(" Server: a"), "folded");
  check_malformed(with_line("Server: a\r\n b"), "folded");
  check_malformed(with_line("Server: a\r\n\t"), "folded");
}

TEST_CASE("a header's value has no control character but the tab") {
  for (int octet = 0; octet < 256; ++octet) {
    CAPTURE(octet);
    const std::string value = {'a', static_cast<char>(octet), 'b'};
    const bool accepted =
        with_line("Content-Length: 0\r\nServer: " + value).verdict == Verdict::complete;
    CHECK(accepted == (octet == '\t' || (octet >= 0x20 && octet != 0x7f)));
  }
}

TEST_CASE("a Content-Length is digits, once") {
  for (const std::string_view value : {"0", "000", "00000000000000000000000000", "\t 0 \t"}) {
    CAPTURE(value);
    CHECK(with_line("cOnTeNt-LeNgTh:" + std::string(value)).verdict == Verdict::complete);
  }
  for (const std::string_view value :
       {"", " ", "+0", "-0", "0x0", "0,0", "0, 0", "0 0", "0;", "0.", "1e1", "\"0\"", "\xb2",
        "18446744073709551616", "99999999999999999999999999999999"}) {
    CAPTURE(value);
    check_malformed(with_line("Content-Length: " + std::string(value)), "not a number");
  }
  CHECK(parsed_however_cut("HTTP/1.1 200 OK\r\nContent-Length: 002\r\n\r\nabc").body == "ab");
  check_malformed(with_line("Content-Length: 0\r\nContent-Length: 0"), "more than one");
  check_malformed(with_line("Content-Length: 0\r\ncontent-length: 1"), "more than one");
  // Nor does it matter that there is no body.
  check_malformed(with_line("Content-Length: x", 304), "not a number");
  check_malformed(with_line("Content-Length: 1\r\nContent-Length: 1", 200, Method::head),
                  "more than one");
}

TEST_CASE("a Transfer-Encoding is chunked, alone, in HTTP/1.1, without a Content-Length") {
  for (const std::string_view value :
       {"", "gzip", "identity", "gzip, chunked", "chunked, gzip", "chunked, chunked", "chunked,",
        ",chunked", "chunked;q=1", "\"chunked\"", "chunked\x0b", "xchunked", "chunkedx"}) {
    CAPTURE(value);
    CHECK(with_line("Transfer-Encoding: " + std::string(value)).verdict == Verdict::malformed);
  }
  const std::string chunked = "Transfer-Encoding: chunked";
  check_malformed(with_line(chunked + "\r\n" + chunked), "more than one");
  check_malformed(with_line(chunked + "\r\nContent-Length: 0"), "and Content-Length");
  check_malformed(with_line("Content-Length: 0\r\n" + chunked), "and Content-Length");
  check_malformed(with_line("Content-Length: 0\r\n" + chunked, 200, Method::head),
                  "and Content-Length");
  check_malformed(parsed_however_cut("HTTP/1.0 200 OK\r\n" + chunked + "\r\n\r\n"), "HTTP/1.0");
  for (const std::string_view value : {"chunked", "CHUNKED", "\tChunked "}) {
    CAPTURE(value);
    CHECK(with_line("transfer-encoding:" + std::string(value)).verdict == Verdict::more);
    CHECK(with_line("transfer-encoding:" + std::string(value), 200, Method::head).verdict ==
          Verdict::complete);
  }
}

TEST_CASE("answers to HEAD, 204 and 304 have no body, whatever they announce") {
  for (const std::string_view line :
       {"Server: a", "Content-Length: 0", "Content-Length: 5", "Content-Length: 99999999999",
        "Transfer-Encoding: chunked"}) {
    CAPTURE(line);
    for (const ParsedResponse& response :
         {with_line(line, 200, Method::head), with_line(line, 404, Method::head),
          with_line(line, 304)}) {
      CHECK(response.verdict == Verdict::complete);
      CHECK(response.body == "");
      CHECK(response.reusable);
    }
  }
  CHECK(with_line("Server: a", 204).verdict == Verdict::complete);
  CHECK(with_line("Content-Length: 0", 204).verdict == Verdict::complete);
  check_malformed(with_line("Content-Length: 5", 204), "where none can be");
  check_malformed(with_line("Transfer-Encoding: chunked", 204), "where none can be");
  check_malformed(with_line("Content-Length: 5", 204, Method::head), "where none can be");
}

TEST_CASE("interim responses are skipped") {
  const ParsedResponse response = parsed_however_cut(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
      "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"
      "Content-Length: 2\r\n\r\n{}x");
  CHECK(response.verdict == Verdict::complete);
  CHECK(response.status == 200);
  CHECK(response.head == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
  CHECK(response.body == "{}");
  CHECK(response.excess == "x");
}

TEST_CASE("the answer is told from interim responses by its status line") {
  const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n";
  ResponseParser parser({});
  std::string buffer(bytes.size(), ' ');
  std::size_t size = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK_FALSE(parser.answering());
    buffer[size++] = bytes[i];
    REQUIRE(parser.parse(buffer.data(), size) == Verdict::more);
  }
  CHECK(parser.answering());
}

TEST_CASE("an interim response has no body, is no switch of protocols, and not HTTP/1.0") {
  const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  check_malformed(parsed_however_cut("HTTP/1.1 101 Switching Protocols\r\n\r\n" + final),
                  "switch of protocols");
  check_malformed(parsed_however_cut("HTTP/1.0 100 Continue\r\n\r\n" + final), "HTTP/1.0");
  for (const std::string_view line : {"Content-Length: 1", "Transfer-Encoding: chunked"}) {
    CAPTURE(line);
    check_malformed(with_line(line, 103), "where none can be");
  }
}

TEST_CASE("a connection is reusable after HTTP/1.1 without a word of closing") {
  const auto reusable = [](std::string_view lines) {
    const ParsedResponse response = with_line("Content-Length: 0\r\n" + std::string(lines));
    CHECK(response.verdict == Verdict::complete);
    return response.reusable;
  };
  for (const std::string_view lines :
       {"Server: close", "Connection: keep-alive", "Connection:", "Connection: ,",
        "X-Connection: close", "Connection: closed, not-close",
        "Keep-Alive: timeout=5\r\nConnection: Keep-Alive"}) {
    CAPTURE(lines);
    CHECK(reusable(lines));
  }
  for (const std::string_view lines :
       {"Connection: close", "connection:CLOSE", "Connection: keep-alive, close",
        "Connection: \tClose\t,\tTE", "Connection: ,,close", "Connection: close, close",
        "Connection: TE\r\nConnection: close", "Connection: close\r\nConnection: keep-alive"}) {
    CAPTURE(lines);
    CHECK_FALSE(reusable(lines));
  }
  for (const std::string_view lines :
       {"Connection: close keep-alive", "Connection: close;", "Connection: \"close\""}) {
    CAPTURE(lines);
    check_malformed(with_line(lines), "Connection is not");
  }
}
