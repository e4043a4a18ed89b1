#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leasehold::paper::detail {

enum class HttpMethod : std::uint8_t { get, head, post, patch, del, other };

struct HttpRequest {
  HttpMethod method = HttpMethod::other;
  std::string target;     // origin-form ("/path?query"), as received; or "*", of OPTIONS
  std::string_view body;  // into the bytes last given to the parser
  bool keep_alive = true;
  std::string_view headers{};  // their lines, each with its CRLF; where body is

  // The value of the only header of this name, in any case. Nothing if there is none, or several.
  std::optional<std::string_view> header(std::string_view name) const;
};

// A request that is not one: answer with `status`, then close.
struct HttpRefusal {
  int status = 400;
  const char* reason = "";
};

struct HttpLimits {
  std::size_t head = 16 * 1024;  // request line and headers together (431)
  std::size_t body = 64 * 1024;  // (413)
};

// Reads one HTTP/1.1 or 1.0 request from a growing buffer, strictly after RFC 9112: what two
// readers might read differently (bare LF, folded headers, two lengths, ...) is refused. Bodies
// need a Content-Length; chunked ones are refused with 411. Each byte is looked at once, however
// the input is split. No I/O.
//
// Thread: one at a time.
class RequestParser {
 public:
  enum class State : std::uint8_t { incomplete, complete, refused };

  explicit RequestParser(HttpLimits limits = {}) : limits_(limits) {}

  // `bytes`: all that was received from this request's first byte on, last time's included.
  State parse(std::string_view bytes);

  // When complete; body and headers only until the bytes go.
  const HttpRequest& request() const noexcept { return request_; }
  std::size_t size() const noexcept { return line_start_ + content_length_.value_or(0); }
  // When refused.
  HttpRefusal refusal() const noexcept { return refusal_; }
  // When incomplete: the client waits for "100 Continue" before it sends the body.
  bool awaits_continue() const noexcept { return stage_ == Stage::body && expects_continue_; }

  // Makes ready for the next request.
  void reset();

 private:
  enum class Stage : std::uint8_t { request_line, headers, body, refused };

  bool take_request_line(std::string_view line);
  bool take_target(std::string_view target, bool options);
  bool take_url(std::string_view after_scheme, bool options);
  bool take_version(std::string_view version);
  bool take_header(std::string_view line);
  bool take_content_length(std::string_view value);
  bool take_connection(std::string_view value);
  bool take_expect(std::string_view value);
  bool finish_head();
  bool refuse(int status, const char* reason);

  const HttpLimits limits_;
  Stage stage_ = Stage::request_line;
  std::size_t line_start_ = 0;  // of the line that is not complete yet; in the body: the body's
  std::size_t looked_at_ = 0;   // no line ends before here
  std::size_t headers_start_ = 0;
  HttpRequest request_;
  HttpRefusal refusal_;
  std::optional<std::size_t> content_length_;
  std::string transfer_encoding_;
  bool http_1_0_ = false;
  bool has_host_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace leasehold::paper::detail
