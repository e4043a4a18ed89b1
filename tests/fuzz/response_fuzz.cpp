// Whatever a server sends: no crash, one answer however it is split, none before its end, and none
// that Boost.Beast would not give. For libFuzzer (tests/fuzz/run), and for replay.cpp.
//
// Input: three bytes that choose, readable as digits, then the server's.
//   0: bit 0: it answers HEAD; bits 1 and 2: what the connection does behind the bytes
//   1: the limits
//   2: into what pieces the bytes are split
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/expect.hpp"
#include "support/beast_response.hpp"
#include "support/parsed_response.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

Asked asked_by(std::uint8_t general, std::uint8_t limits) {
  constexpr Ending endings[] = {Ending::open, Ending::orderly, Ending::cut, Ending::orderly};
  constexpr ResponseParser::Limits choices[] = {{}, {64, 16}, {128, 64}, {256, 4096}};
  return {.method = (general & 1) != 0 ? Method::head : Method::get,
          .ending = endings[(general >> 1) & 3],
          .limits = choices[limits & 3]};
}

void check_complete(const Asked& asked, std::string_view bytes, const ParsedResponse& response) {
  const auto is_line_end = [](std::string_view text) { return text.ends_with("\r\n"); };
  expect(response.status >= 200 && response.status <= 599, "a status is final");
  expect(response.head.starts_with("HTTP/1.") && is_line_end(response.head), "a head is lines");
  expect(response.head.find("\r\n\r\n") == std::string::npos, "a head has no empty line");
  expect(response.head.size() + 2 <= asked.limits.head, "a head is within its limit");
  expect(response.body.size() <= asked.limits.body, "a body is within its limit");
  expect(bytes.ends_with(response.excess), "what is over is what came last");

  // What is behind a response changes nothing in it, unless the connection's end was its own.
  const std::string more = std::string(bytes) + "HTTP/1.1 408 Request Timeout\r\n\r\n";
  const ParsedResponse open = parsed_response({asked.method, Ending::open, asked.limits}, more);
  if (open.verdict != Verdict::complete) {
    expect(asked.ending == Ending::orderly && !response.reusable && response.excess.empty(),
           "only the end of the connection completes what its bytes do not");
    return;
  }
  expect(open.head == response.head && open.body == response.body, "what follows changes nothing");
  expect(open.excess.size() == response.excess.size() + (more.size() - bytes.size()),
         "what follows is not the response's");
  const std::size_t end = bytes.size() - response.excess.size();
  expect(parsed_response(asked, bytes.substr(0, end - 1)).verdict == Verdict::more,
         "no response is complete without its last byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const Asked asked = asked_by(data[0], data[1]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);

  const ParsedResponse whole = parsed_response(asked, bytes);
  std::uint32_t state = data[2];
  const auto next_piece = [&state, longest = std::uint32_t{2} << (data[2] & 7)] {
    state = state * 1664525 + 1013904223;
    return std::size_t{1} + (state >> 16) % longest;
  };
  expect(parsed_response(asked, bytes, next_piece) == whole, "in pieces it is the same");
  expect(parsed_response(asked, bytes, [] { return std::size_t{1}; }) == whole,
         "byte by byte it is the same");

  expect((whole.verdict == Verdict::malformed || whole.verdict == Verdict::too_large) ==
             !whole.problem.empty(),
         "a refusal says why");
  if (whole.verdict == Verdict::complete) check_complete(asked, bytes, whole);
  const std::string lax = laxity(asked, bytes, whole);
  expect(lax.empty(), lax);
  return 0;
}
