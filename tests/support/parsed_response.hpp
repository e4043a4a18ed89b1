#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "wire/response_parser.hpp"

namespace leasehold::test {

using detail::ResponseParser;
using Verdict = ResponseParser::Verdict;

// What the connection does behind the bytes.
enum class Ending : std::uint8_t { open, orderly, cut };

struct Asked {
  Method method = Method::get;
  Ending ending = Ending::open;
  ResponseParser::Limits limits = {};
};

struct ParsedResponse {
  Verdict verdict = Verdict::more;
  std::string problem = {};
  // If complete:
  int status = 0;
  std::string head = {};
  std::string body = {};
  std::string excess = {};
  bool reusable = false;

  bool operator==(const ParsedResponse&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  constexpr const char* names[] = {"more", "complete", "malformed", "too_large"};
  return out << names[static_cast<std::size_t>(verdict)];
}

inline std::ostream& operator<<(std::ostream& out, const ParsedResponse& response) {
  return out << response.verdict << " (" << response.problem << ") " << response.status << '\n'
             << response.head << '\n'
             << response.body << "\nexcess: " << response.excess
             << "\nreusable: " << response.reusable;
}

// What the parser finds for a caller who reads the bytes in pieces of the sizes that next_piece()
// says. Throws std::logic_error where wanted(), end() or the buffer break their promises.
template <typename NextPiece>
ParsedResponse parsed_response(const Asked& asked, std::string_view bytes, NextPiece next_piece) {
  const auto promised = [](bool kept, const char* promise) {
    if (!kept) throw std::logic_error(promise);
  };
  ResponseParser parser(asked.limits);
  parser.start(asked.method);
  Verdict verdict = Verdict::more;
  std::unique_ptr<char[]> buffer;
  std::size_t size = 0;
  while (verdict == Verdict::more && !bytes.empty()) {
    const std::size_t wanted = parser.wanted();
    promised(wanted > 0, "more: some bytes are wanted");
    promised(size + wanted <= asked.limits.head + asked.limits.body + 18,
             "no more is wanted than the limits leave room for");

    // In another place each time, and with no byte to spare: so sanitizers see who looks outside.
    const std::size_t piece = std::clamp<std::size_t>(next_piece(), 1, bytes.size());
    auto larger = std::make_unique<char[]>(size + piece);
    std::copy_n(buffer.get(), size, larger.get());
    bytes.copy(larger.get() + size, piece);
    bytes.remove_prefix(piece);
    buffer = std::move(larger);
    size += piece;

    const std::size_t there = size;
    verdict = parser.parse(buffer.get(), size);
    promised(size <= there, "the buffer does not grow");
    promised(verdict != Verdict::complete || piece >= wanted,
             "what was wanted is needed before the response is complete");
  }
  if (verdict == Verdict::more && asked.ending != Ending::open) {
    verdict = parser.end_of_stream(asked.ending == Ending::orderly);
  }

  ParsedResponse found{.verdict = verdict, .problem = parser.problem()};
  if (verdict != Verdict::complete) return found;
  promised(parser.end() <= size, "the response is in the buffer");
  found.status = parser.status();
  found.head = parser.head(buffer.get());
  found.body = parser.body(buffer.get());
  found.excess = std::string(buffer.get() + parser.end(), size - parser.end()).append(bytes);
  found.reusable = parser.reusable();
  promised(found.head + "\r\n" + found.body == std::string(buffer.get(), parser.end()),
           "the buffer holds head, empty line and body");
  return found;
}

inline ParsedResponse parsed_response(const Asked& asked, std::string_view bytes) {
  return parsed_response(asked, bytes, [&bytes] { return bytes.size(); });
}

// The same; throws std::logic_error if it is another one byte by byte, or cut in two anywhere.
inline ParsedResponse parsed_however_cut(const Asked& asked, std::string_view bytes) {
  ParsedResponse whole = parsed_response(asked, bytes);
  const auto promised = [&whole](const ParsedResponse& in_pieces) {
    if (in_pieces != whole) throw std::logic_error("in pieces it is another response");
  };
  promised(parsed_response(asked, bytes, [] { return std::size_t{1}; }));
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    promised(parsed_response(asked, bytes, [cut, size = bytes.size(), first = true]() mutable {
      return std::exchange(first, false) ? cut : size;
    }));
  }
  return whole;
}

inline ParsedResponse parsed_however_cut(std::string_view bytes) {
  return parsed_however_cut({}, bytes);
}

}  // namespace leasehold::test
