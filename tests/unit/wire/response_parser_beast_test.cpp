// Against Boost.Beast's parser: never laxer, and stricter only on purpose.
#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "support/beast_response.hpp"
#include "support/parsed_response.hpp"
#include "support/sample_responses.hpp"

using namespace leasehold;
using namespace leasehold::test;

TEST_CASE("both read every kind of response alike") {
  for (const SampleResponse& sample : sample_responses) {
    CAPTURE(sample.bytes);
    const ParsedResponse ours = parsed_response(sample.asked, sample.bytes);
    CHECK(ours.verdict == Verdict::complete);
    CHECK(laxity(sample.asked, sample.bytes, ours) == "");
  }
}

TEST_CASE("ours is stricter on purpose") {
  struct Row {
    std::string_view reason, bytes;
    Ending ending = Ending::open;
  };
  for (const Row& row : {
           Row{"a status code is one of 100 to 599",
               "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n"},
           Row{"a status code is one of 100 to 599",
               "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n"},
           Row{"protocols are not switched unless asked for", "HTTP/1.1 101 Now\r\n\r\n"},
           Row{"HTTP/1.0 has no interim responses",
               "HTTP/1.0 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
           Row{"an interim response has no body",
               "HTTP/1.1 100 Go\r\nContent-Length: 1\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
           Row{"a 204 has no body", "HTTP/1.1 204 None\r\nContent-Length: 1\r\n\r\n"},
           Row{"a 204 has no body", "HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n"},
           Row{"lines are not folded",
               "HTTP/1.1 200 OK\r\nServer: a\r\n b\r\nContent-Length: 0\r\n\r\n"},
           Row{"one Content-Length",
               "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"},
           Row{"one Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n"},
           Row{"no Transfer-Encoding in HTTP/1.0",
               "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
           Row{"no Transfer-Encoding but chunked",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
           Row{"no Transfer-Encoding but chunked",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", Ending::orderly},
           Row{"no whitespace in a chunk's line",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0 ; a = b\r\n\r\n"},
           Row{"no control characters in a chunk's line",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;a=\"\x01\"\r\n\r\n"},
           Row{"a chunk's size has sixteen digits at most",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000\r\n\r\n"},
       }) {
    CAPTURE(row.reason);
    CAPTURE(row.bytes);
    const Asked asked{.ending = row.ending};
    CHECK(parsed_response(asked, row.bytes).verdict == Verdict::malformed);
    CHECK(beast_response(asked, row.bytes).verdict == Verdict::complete);
  }
}

TEST_CASE("whatever is changed in a response, ours is not laxer, however it is split") {
  std::mt19937 random(20261124);
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  constexpr std::string_view tokens[] = {"\r\n",
                                         "\n",
                                         "\r",
                                         "\r\n\r\n",
                                         " ",
                                         "\t",
                                         ":",
                                         ",",
                                         ";",
                                         "=",
                                         "\"",
                                         "0",
                                         "1",
                                         "a",
                                         "ffffffffffffffff",
                                         "-1",
                                         "+",
                                         "\x7f",
                                         "\xff",
                                         "HTTP/1.1 100 \r\n\r\n",
                                         "chunk",
                                         "ed",
                                         "close",
                                         "\r\n ",
                                         "HTTP/1.0",
                                         "304",
                                         "204",
                                         "0\r\n\r\n",
                                         "1\r\nx\r\n",
                                         ";a=\"b\"",
                                         "Content-Length: 1\r\n",
                                         "Content-Length: 0\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Connection: close\r\n"};
  std::size_t both = 0, stricter = 0, neither = 0;
  for (int round = 0; round < 200'000; ++round) {
    Asked asked = sample_responses[below(std::size(sample_responses))].asked;
    std::string bytes(sample_responses[below(std::size(sample_responses))].bytes);
    for (std::size_t change = 0; change <= below(4); ++change) {
      const std::size_t at = below(bytes.size());
      switch (below(5)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 1:
          bytes.erase(at, 1 + below(8));
          break;
        case 2: {  // lines doubled, or of another response
          const std::string_view other = sample_responses[below(std::size(sample_responses))].bytes;
          const std::size_t from = other.rfind('\n', below(other.size())) + 1;
          bytes.insert(bytes.rfind('\n', at) + 1, other.substr(from, 1 + below(60)));
          break;
        }
        default:
          bytes.insert(at, tokens[below(std::size(tokens))]);
          break;
      }
      if (bytes.empty()) bytes = "H";
    }
    CAPTURE(bytes);
    const ParsedResponse ours = parsed_response(asked, bytes);
    CHECK(laxity(asked, bytes, ours) == "");
    const std::size_t longest = 1 + below(40);
    CHECK(parsed_response(asked, bytes, [&] { return 1 + below(longest); }) == ours);

    if (ours.verdict == Verdict::complete) {
      ++both;
    } else if (beast_response(asked, bytes).verdict == Verdict::complete) {
      ++stricter;
    } else {
      ++neither;
    }
  }
  CHECK(both > 25'000);
  CHECK(stricter > 500);
  CHECK(neither > 25'000);
}
