#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "leasehold/request.hpp"

namespace leasehold::detail {

// Finds one HTTP/1 response in the bytes that a server sends, strictly (RFC 9112): what could be
// read in two ways is refused. Works in the buffer into which the bytes were read, and allocates
// nothing.
//
//   parser.start(Method::get);
//   for (;;) {
//     make_room(parser.wanted());
//     size += read_some(buffer + size, capacity - size);
//     switch (parser.parse(buffer, size)) …
//   }
//
// Refused although RFC 9112 lets a recipient be lenient: a status code outside of 100 to 599, or
// without the space behind it; a second Content-Length, even an equal one; Transfer-Encoding other
// than "chunked" alone, or in HTTP/1.0; either of them in a 1xx or 204 (but for a length of 0) or
// in the trailers; 101, and any 1xx in HTTP/1.0; a chunk's size of more than 16 digits, whitespace
// around it and in its extensions; folded lines, lone CRs and lone LFs.
//
// Thread: one at a time.
// Cost: linear in the bytes, however they are split; each is moved at most once.
class ResponseParser {
 public:
  struct Limits {
    // Status line and header lines with their CRLFs; those of interim responses, trailers, and what
    // a chunk's line has beyond 16 digits and CRLF count too.
    std::size_t head = 64 * 1024;
    std::size_t body = 8 * 1024 * 1024;
  };
  enum class Verdict : std::uint8_t { more, complete, malformed, too_large };

  explicit ResponseParser(Limits limits) noexcept : limits_(limits) {}

  // Forgets everything; what comes next answers a request with this method.
  void start(Method method) noexcept;

  // `data` holds what the call before left there and new bytes behind it, `size` in all; it may
  // have been moved to another place meanwhile. Interim responses (1xx), the framing of chunks and
  // trailers are taken out, the rest moved up, and `size` set to what is left. Not to be called
  // again after anything but `more`.
  Verdict parse(char* data, std::size_t& size) noexcept;
  // No more bytes will come. `orderly`: the peer said so (close_notify), else the connection may
  // have been cut. `complete` only for a body that ends with the connection, orderly; else `more`:
  // the response is cut off.
  Verdict end_of_stream(bool orderly) noexcept;

  // The status line of the final response has come: what came before, if anything, was interim.
  bool answering() const noexcept { return status_ >= 200; }

  // How many more bytes are needed at least; 1 if that is not known. With what is in the buffer,
  // never more than limits.head + limits.body + 18 (a chunk's line).
  std::size_t wanted() const noexcept;

  // After `complete`; `data` is the buffer.
  int status() const noexcept { return status_; }
  // Status line and header lines, each with its CRLF; without the empty line.
  std::string_view head(const char* data) const noexcept { return {data, head_size_}; }
  std::string_view body(const char* data) const noexcept { return {data + body_at_, body_size_}; }
  // The bytes of the response in the buffer: head, empty line and body. What lies behind them does
  // not belong to it.
  std::size_t end() const noexcept { return body_at_ + body_size_; }
  // The connection may be used again if nothing lies behind end(): HTTP/1.1, no "Connection: close"
  // (in an interim response or the trailers neither), and the end was not the connection's.
  bool reusable() const noexcept { return http_1_1_ && !closes_ && stage_ != Stage::body_to_end; }

  // After `malformed` or `too_large`: what was wrong, for an operator ("more than one
  // Content-Length").
  const char* problem() const noexcept { return problem_; }

 private:
  enum class Stage : std::uint8_t {
    status_line,
    header_lines,
    body,         // of a known size
    body_to_end,  // of the connection
    chunk_line,
    chunk_data,
    chunk_end,  // the CRLF behind the data
    trailer_lines
  };

  // Each goes one step on: true if there may be another, false if it needs more bytes or has found
  // the verdict.
  bool advance(char* data, std::size_t size) noexcept;
  bool take_status_line(char* data, std::size_t size) noexcept;
  bool take_header_line(char* data, std::size_t size) noexcept;
  bool take_trailer_line(const char* data, std::size_t size) noexcept;
  bool take_chunk_line(const char* data, std::size_t size) noexcept;
  bool take_chunk_end(const char* data, std::size_t size) noexcept;
  bool take_body(char* data, std::size_t size) noexcept;
  bool take_body_to_end(char* data, std::size_t size) noexcept;
  bool finish_head() noexcept;
  bool start_body() noexcept;

  bool take_field(std::string_view line) noexcept;
  bool take_content_length(std::string_view value) noexcept;
  bool take_transfer_encoding(std::string_view value) noexcept;
  bool take_connection(std::string_view value) noexcept;

  std::optional<std::string_view> next_line(const char* data, std::size_t size,
                                            std::size_t exempt) noexcept;
  void keep(char* data, std::size_t count) noexcept;
  bool finish(Verdict verdict, const char* problem = "") noexcept;
  bool malformed(const char* problem) noexcept { return finish(Verdict::malformed, problem); }

  Limits limits_;
  Stage stage_ = Stage::status_line;
  Verdict verdict_ = Verdict::more;
  bool answers_head_ = false;
  const char* problem_ = "";

  // The buffer: [0, kept_) stays, [kept_, read_) is to go at the end of this call, [read_, size) is
  // still to be read, and has no line's end within its first `scanned_` bytes.
  std::size_t kept_ = 0;
  std::size_t read_ = 0;
  std::size_t scanned_ = 0;

  std::size_t head_used_ = 0;  // of limits_.head
  std::size_t head_size_ = 0;
  std::size_t body_at_ = 0;
  std::size_t body_size_ = 0;
  std::size_t remaining_ = 0;  // of the body or the chunk

  int status_ = 0;
  bool http_1_1_ = false;
  bool closes_ = false;
  bool chunked_ = false;
  std::optional<std::uint64_t> content_length_;
};

}  // namespace leasehold::detail
