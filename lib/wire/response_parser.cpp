#include "wire/response_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

#include "core/http_grammar.hpp"

namespace leasehold::detail {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::size_t chunk_digits = 16;  // of 64 bits, whatever the digits are

bool drop_prefix(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool drop_token(std::string_view& text) noexcept {
  const std::size_t length = span_of(CharClass::token, text);
  text.remove_prefix(length);
  return length > 0;
}

// What follows the opening quote, up to the closing one.
bool drop_quoted(std::string_view& text) noexcept {
  while (!text.empty() && is(CharClass::field, text.front())) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c == '\\') {
      if (text.empty() || !is(CharClass::field, text.front())) return false;
      text.remove_prefix(1);
    }
  }
  return false;
}

// *( ";" token [ "=" ( token / quoted-string ) ] ), without the "bad whitespace" that recipients
// may tolerate.
bool is_chunk_extensions(std::string_view text) noexcept {
  while (!text.empty()) {
    if (!drop_prefix(text, ';') || !drop_token(text)) return false;
    if (!drop_prefix(text, '=')) continue;
    if (drop_prefix(text, '"') ? !drop_quoted(text) : !drop_token(text)) return false;
  }
  return true;
}

}  // namespace

void ResponseParser::start(Method method) noexcept {
  *this = ResponseParser(limits_);
  answers_head_ = method == Method::head;
}

ResponseParser::Verdict ResponseParser::parse(char* data, std::size_t& size) noexcept {
  read_ = kept_;
  while (advance(data, size)) {
  }
  if (read_ != kept_) {
    std::memmove(data + kept_, data + read_, size - read_);
    size -= read_ - kept_;
  }
  return verdict_;
}

ResponseParser::Verdict ResponseParser::end_of_stream(bool orderly) noexcept {
  if (stage_ == Stage::body_to_end && orderly) finish(Verdict::complete);
  return verdict_;
}

std::size_t ResponseParser::wanted() const noexcept {
  switch (stage_) {
    case Stage::body:
      return remaining_;
    case Stage::chunk_data:
      return remaining_ + crlf.size();
    default:
      return 1;
  }
}

bool ResponseParser::advance(char* data, std::size_t size) noexcept {
  switch (stage_) {
    case Stage::status_line:
      return take_status_line(data, size);
    case Stage::header_lines:
      return take_header_line(data, size);
    case Stage::body:
    case Stage::chunk_data:
      return take_body(data, size);
    case Stage::body_to_end:
      return take_body_to_end(data, size);
    case Stage::chunk_line:
      return take_chunk_line(data, size);
    case Stage::chunk_end:
      return take_chunk_end(data, size);
    case Stage::trailer_lines:
      return take_trailer_line(data, size);
  }
  return false;
}

bool ResponseParser::finish(Verdict verdict, const char* problem) noexcept {
  verdict_ = verdict;
  problem_ = problem;
  return false;
}

// The line at read_ without its CRLF, once all of it is there. `exempt` bytes of it do not count
// against the limit. A line that is too long is so before its end has come, and before anything
// else is said of it: so the verdict does not depend on how much came at once.
std::optional<std::string_view> ResponseParser::next_line(const char* data, std::size_t size,
                                                          std::size_t exempt) noexcept {
  const char* const begin = data + read_;
  const std::size_t there = size - read_;
  const void* const found =
      there > scanned_ ? std::memchr(begin + scanned_, '\n', there - scanned_) : nullptr;
  const char* const end = static_cast<const char*>(found);
  const std::size_t length = end != nullptr ? static_cast<std::size_t>(end - begin) + 1 : there + 1;
  const std::size_t counted = length - std::min(length, exempt);
  if (counted > limits_.head - head_used_) {
    finish(Verdict::too_large, "the header section is over the limit");
    return std::nullopt;
  }
  if (end == nullptr) {
    scanned_ = there;
    return std::nullopt;
  }
  if (end == begin || end[-1] != '\r') {
    malformed("a line that does not end in CRLF");
    return std::nullopt;
  }
  scanned_ = 0;
  head_used_ += counted;
  return std::string_view(begin, length - crlf.size());
}

// Moves the next bytes to those that stay.
void ResponseParser::keep(char* data, std::size_t count) noexcept {
  if (kept_ != read_) std::memmove(data + kept_, data + read_, count);
  kept_ += count;
  read_ += count;
}

bool ResponseParser::take_status_line(char* data, std::size_t size) noexcept {
  // Who does not speak HTTP is found out before a line's end that may never come.
  constexpr std::string_view protocol = "HTTP/1.";
  const std::size_t room = std::min(limits_.head - head_used_, protocol.size());
  if (!protocol.starts_with({data + read_, std::min(size - read_, room)})) {
    return malformed("not an HTTP/1.1 or HTTP/1.0 response");
  }
  const std::optional<std::string_view> line = next_line(data, size, 0);
  if (!line) return false;

  // HTTP/1.1 200 reason
  if (line->size() < 9 || ((*line)[7] != '1' && (*line)[7] != '0') || (*line)[8] != ' ') {
    return malformed("not an HTTP/1.1 or HTTP/1.0 response");
  }
  http_1_1_ = (*line)[7] == '1';
  const std::string_view code = line->substr(9, 3);
  // Codes have three digits, and five classes: 099 and 600 are nobody's.
  if (code.size() != 3 || code[0] < '1' || code[0] > '5' || !is_digit(code[1]) ||
      !is_digit(code[2])) {
    return malformed("a status code that is not one of 100 to 599");
  }
  if (line->size() < 13 || (*line)[12] != ' ') return malformed("no space behind the status code");
  if (!is_field_value(line->substr(13))) return malformed("a control character in the reason");
  status_ = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  if (status_ == 101) return malformed("a switch of protocols that was not asked for");
  if (status_ < 200 && !http_1_1_) return malformed("an interim response in HTTP/1.0");

  keep(data, line->size() + crlf.size());
  stage_ = Stage::header_lines;
  return true;
}

bool ResponseParser::take_header_line(char* data, std::size_t size) noexcept {
  const std::optional<std::string_view> line = next_line(data, size, 0);
  if (!line) return false;
  if (!line->empty() && !take_field(*line)) return false;
  keep(data, line->size() + crlf.size());
  return !line->empty() || finish_head();
}

bool ResponseParser::finish_head() noexcept {
  if (chunked_ && content_length_) return malformed("Transfer-Encoding and Content-Length");
  if (chunked_ && !http_1_1_) return malformed("Transfer-Encoding in HTTP/1.0");
  const bool interim = status_ < 200;
  if ((interim || status_ == 204) && (chunked_ || content_length_.value_or(0) != 0)) {
    return malformed("a body announced where none can be");
  }
  if (!interim) return start_body();
  kept_ = 0;
  content_length_.reset();
  stage_ = Stage::status_line;
  return true;
}

bool ResponseParser::start_body() noexcept {
  head_size_ = kept_ - crlf.size();
  body_at_ = kept_;
  if (answers_head_ || status_ == 204 || status_ == 304) return finish(Verdict::complete);
  if (chunked_) {
    stage_ = Stage::chunk_line;
  } else if (!content_length_) {
    stage_ = Stage::body_to_end;
  } else if (*content_length_ > limits_.body) {
    return finish(Verdict::too_large, "Content-Length is over the limit");
  } else {
    remaining_ = static_cast<std::size_t>(*content_length_);
    stage_ = Stage::body;
  }
  return true;
}

bool ResponseParser::take_field(std::string_view line) noexcept {
  const std::size_t colon = span_of(CharClass::token, line);
  if (colon == 0 || colon == line.size() || line[colon] != ':') {
    return malformed(line[0] == ' ' || line[0] == '\t' ? "a folded header line"
                                                       : "a header line that is not NAME: VALUE");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (!is_field_value(value)) return malformed("a control character in a header");
  if (equal_ignoring_case(name, "Content-Length")) return take_content_length(trimmed(value));
  if (equal_ignoring_case(name, "Transfer-Encoding")) return take_transfer_encoding(trimmed(value));
  if (equal_ignoring_case(name, "Connection")) return take_connection(value);
  return true;
}

bool ResponseParser::take_content_length(std::string_view value) noexcept {
  if (content_length_) return malformed("more than one Content-Length");
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, length);  // takes no sign
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return malformed("Content-Length is not a number of 64 bits");
  }
  content_length_ = length;
  return true;
}

bool ResponseParser::take_transfer_encoding(std::string_view value) noexcept {
  if (chunked_) return malformed("more than one Transfer-Encoding");
  if (!equal_ignoring_case(value, "chunked")) return malformed("Transfer-Encoding is not chunked");
  chunked_ = true;
  return true;
}

bool ResponseParser::take_connection(std::string_view value) noexcept {
  bool tokens = true;
  for_each_listed(value, [&](std::string_view option) {
    tokens &= option.empty() || is_token(option);
    closes_ |= equal_ignoring_case(option, "close");
  });
  return tokens || malformed("Connection is not a list of tokens");
}

bool ResponseParser::take_body(char* data, std::size_t size) noexcept {
  const std::size_t piece = std::min(remaining_, size - read_);
  keep(data, piece);
  body_size_ += piece;
  remaining_ -= piece;
  if (remaining_ > 0) return false;
  if (stage_ == Stage::body) return finish(Verdict::complete);
  stage_ = Stage::chunk_end;
  return true;
}

bool ResponseParser::take_body_to_end(char* data, std::size_t size) noexcept {
  const std::size_t piece = size - read_;
  if (piece > limits_.body - body_size_) {
    return finish(Verdict::too_large, "the body is over the limit");
  }
  keep(data, piece);
  body_size_ += piece;
  return false;
}

bool ResponseParser::take_chunk_line(const char* data, std::size_t size) noexcept {
  const std::optional<std::string_view> line = next_line(data, size, chunk_digits + crlf.size());
  if (!line) return false;
  std::uint64_t chunk = 0;
  const auto parsed = std::from_chars(line->data(), line->data() + line->size(), chunk, 16);
  const auto digits = static_cast<std::size_t>(parsed.ptr - line->data());
  if (parsed.ec != std::errc() || digits > chunk_digits) {
    return malformed("a chunk's size is not one to sixteen hexadecimal digits");
  }
  if (!is_chunk_extensions(line->substr(digits))) {
    return malformed("a chunk's extensions are malformed");
  }
  if (chunk > limits_.body - body_size_) {
    return finish(Verdict::too_large, "the body is over the limit");
  }
  read_ += line->size() + crlf.size();
  remaining_ = static_cast<std::size_t>(chunk);
  stage_ = chunk == 0 ? Stage::trailer_lines : Stage::chunk_data;
  return true;
}

bool ResponseParser::take_chunk_end(const char* data, std::size_t size) noexcept {
  const std::string_view next(data + read_, std::min(size - read_, crlf.size()));
  if (!crlf.starts_with(next)) return malformed("a chunk is longer than its size");
  if (next.size() < crlf.size()) return false;
  read_ += crlf.size();
  stage_ = Stage::chunk_line;
  return true;
}

bool ResponseParser::take_trailer_line(const char* data, std::size_t size) noexcept {
  // Line ends are exempt, so that there may be chunks behind a head that is just within the limit.
  const std::optional<std::string_view> line = next_line(data, size, crlf.size());
  if (!line) return false;
  if (!line->empty() && !take_field(*line)) return false;  // a second Transfer-Encoding is refused
  if (content_length_) return malformed("Content-Length in the trailers");
  read_ += line->size() + crlf.size();
  return !line->empty() || finish(Verdict::complete);
}

}  // namespace leasehold::detail
