// How the bytes come: split anywhere, up to the limits, at a cost that is linear.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "support/parsed_response.hpp"
#include "support/sample_responses.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

Verdict within(std::size_t head, std::size_t body, std::string_view bytes) {
  const Asked asked{.ending = Ending::orderly, .limits = {.head = head, .body = body}};
  return parsed_however_cut(asked, bytes).verdict;
}

}  // namespace

TEST_CASE("however a response is split, it is the same") {
  for (const SampleResponse& sample : sample_responses) {
    CAPTURE(sample.bytes);
    CHECK(parsed_however_cut(sample.asked, sample.bytes).verdict == Verdict::complete);
  }
}

TEST_CASE("no response is complete before its end") {
  for (const SampleResponse& sample : sample_responses) {
    const auto& [asked, bytes] = sample;
    CAPTURE(sample.bytes);
    const std::size_t end = bytes.size() - parsed_response(asked, bytes).excess.size();
    for (std::size_t size = 0; size < end; ++size) {
      CHECK(parsed_response({.method = asked.method}, bytes.substr(0, size)).verdict ==
            Verdict::more);
    }
  }
}

TEST_CASE("however a response is damaged and split, the verdict is the same") {
  for (const SampleResponse& sample : sample_responses) {
    const auto& [asked, bytes] = sample;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const char c : {'\0', '\n', '\r', ' ', ',', '0', ':', 'f', '\xff'}) {
        std::string damaged(bytes);
        damaged[at] = c;
        CAPTURE(damaged);
        CHECK_NOTHROW(parsed_however_cut(asked, damaged));
      }
    }
  }
}

TEST_CASE("a line's end is not sought in the bytes before it") {
  // Taken out in pieces, the chunk's LF comes to lie right behind the body's CR.
  const std::string_view bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\r\r\n\n0\r\n\r\n";
  CHECK(parsed_however_cut(bytes).verdict == Verdict::malformed);
}

TEST_CASE("no bytes are no news") {
  detail::ResponseParser parser({});
  parser.start(Method::get);
  std::size_t size = 0;
  CHECK(parser.parse(nullptr, size) == Verdict::more);
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  for (int twice = 0; twice < 2; ++twice) {
    size = head.size();
    CHECK(parser.parse(head.data(), size) == Verdict::more);
    CHECK(parser.wanted() == 1);
  }
}

TEST_CASE("a parser that starts again has forgotten everything") {
  detail::ResponseParser parser({});
  for (const SampleResponse& sample : sample_responses) {
    const auto& [asked, bytes] = sample;
    for (const std::size_t size : {bytes.size() / 2, bytes.size()}) {
      parser.start(asked.method);
      std::string buffer(bytes.substr(0, size));
      std::size_t kept = size;
      parser.parse(buffer.data(), kept);
    }
    std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    std::size_t size = last.size();
    parser.start(Method::get);
    CHECK(parser.parse(last.data(), size) == Verdict::complete);
    CHECK(parser.body(last.data()) == "x");
    CHECK(parser.reusable());
  }
}

TEST_CASE("a head may be as long as its limit, and not a byte longer") {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 0\r\n\r\n";
  CHECK(within(bytes.size(), 0, bytes) == Verdict::complete);
  for (std::size_t head = 0; head < bytes.size(); ++head) {
    CAPTURE(head);
    CHECK(within(head, 0, bytes) == Verdict::too_large);
  }
}

TEST_CASE("a head that is too long is found out when it reaches the limit") {
  const std::string line = "HTTP/1.1 200 OK\r\nServer: " + std::string(100, 'a');
  CHECK(within(line.size() + 1, 0, line) == Verdict::more);
  CHECK(within(line.size(), 0, line) == Verdict::too_large);
}

TEST_CASE("interim responses count as head, so that a flood of them ends") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n";
  const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  const std::size_t both = 2 * interim.size() + final.size();
  CHECK(within(both, 1, interim + interim + final + "x") == Verdict::complete);
  CHECK(within(both - 1, 1, interim + interim + final + "x") == Verdict::too_large);
  CHECK(within(interim.size() + 3, 0, interim + "HTTX") == Verdict::too_large);
  CHECK(within(interim.size() + 4, 0, interim + "HTTX") == Verdict::malformed);
  std::string flood;
  while (flood.size() <= 64 * 1024) flood += interim;
  CHECK(parsed_response({}, flood).verdict == Verdict::too_large);
}

TEST_CASE("a body may be as long as its limit, and not a byte longer") {
  const std::string known = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde";
  const std::string unknown = "HTTP/1.1 200 OK\r\n\r\nabcde";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunks = chunked + "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
  for (const std::string& bytes : {known, unknown, chunks}) {
    CAPTURE(bytes);
    CHECK(within(64, 5, bytes) == Verdict::complete);
    CHECK(within(64, 4, bytes) == Verdict::too_large);
  }
}

TEST_CASE("a body that is announced too long is refused before it comes") {
  CHECK(within(64, 5, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n") == Verdict::too_large);
  CHECK(within(64, 5, "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n") ==
        Verdict::too_large);
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(within(64, 5, chunked + "6\r\n") == Verdict::too_large);
  CHECK(within(64, 5, chunked + "2\r\nab\r\n4\r\n") == Verdict::too_large);
  CHECK(within(64, 5, chunked + "2\r\nab\r\nffffffffffffffff\r\n") == Verdict::too_large);
}

TEST_CASE("trailers and long chunk lines count as head, plain chunk lines do not") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string many = chunked;
  for (int chunk = 0; chunk < 1000; ++chunk) many += "000001;abcdefghi\r\nx\r\n";
  many += "0\r\n\r\n";
  CHECK(within(chunked.size(), 1000, many) == Verdict::complete);

  const std::string longer = chunked + "1;abcdefghijklmnop\r\nx\r\n1;abcdefghijklmnop\r\nx\r\n";
  CHECK(within(chunked.size() + 4, 2, longer + "0\r\n\r\n") == Verdict::complete);
  CHECK(within(chunked.size() + 3, 2, longer + "0\r\n\r\n") == Verdict::too_large);

  const std::string trailers = chunked + "0\r\nab: c\r\nd: e\r\n\r\n";
  CHECK(within(chunked.size() + 9, 0, trailers) == Verdict::complete);
  CHECK(within(chunked.size() + 8, 0, trailers) == Verdict::too_large);
}

// Were the cost quadratic, these two would take minutes where they take less than a second.
TEST_CASE("a line that drips in is searched once") {
  constexpr std::size_t length = 4 << 20;
  detail::ResponseParser parser({.head = 2 * length, .body = 0});
  std::string buffer = "HTTP/1.1 200 " + std::string(length, 'x');
  Verdict verdict = Verdict::more;
  std::size_t there = 0;
  while (verdict == Verdict::more && there < buffer.size()) {
    std::size_t size = ++there;
    verdict = parser.parse(buffer.data(), size);
  }
  CHECK(verdict == Verdict::more);
  CHECK(there == buffer.size());
}

TEST_CASE("a body in many small chunks is moved once, at once or in pieces") {
  constexpr std::size_t length = 1 << 20;
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t chunk = 0; chunk < length; ++chunk) bytes += "1\r\nx\r\n";
  bytes += "0\r\n\r\n";
  for (const std::size_t piece : {bytes.size(), std::size_t{4096}, std::size_t{1}}) {
    CAPTURE(piece);
    detail::ResponseParser parser({});
    std::string buffer = bytes;
    std::size_t size = 0;
    Verdict verdict = Verdict::more;
    std::size_t at = 0;
    for (; verdict == Verdict::more && at < bytes.size(); at += piece) {
      size += bytes.copy(buffer.data() + size, piece, at);
      verdict = parser.parse(buffer.data(), size);
    }
    CHECK(at >= bytes.size());
    CHECK(verdict == Verdict::complete);
    CHECK(parser.body(buffer.data()) == std::string(length, 'x'));
    CHECK(size == parser.end());
  }
}
