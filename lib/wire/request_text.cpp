#include "wire/request_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/http_grammar.hpp"
#include "core/quote.hpp"

namespace leasehold {
namespace detail {
namespace {

// What leasehold writes itself, or does not speak.
constexpr std::string_view reserved[] = {"connection", "content-length",    "expect",
                                         "host",       "keep-alive",        "te",
                                         "trailer",    "transfer-encoding", "upgrade"};

bool is_reserved(std::string_view name) {
  return std::ranges::any_of(
      reserved, [name](std::string_view other) { return equal_ignoring_case(other, name); });
}

std::string wrong(std::string_view part, std::string_view shown, std::string_view expected) {
  return std::string(part).append(": ").append(shown).append(": expected ").append(expected);
}

std::string problem(std::string_view part, std::string_view value, std::string_view expected) {
  return wrong(part, quoted(value), expected);
}

// Of what is no header's name: it may be a whole header line, with a secret for its value.
std::string beginning(std::string_view name) {
  const std::size_t size = span_of(CharClass::token, name);
  std::string shown = quoted(name.substr(0, size));
  if (size != name.size()) {
    shown.append(" and ").append(std::to_string(name.size() - size)).append(" bytes more");
  }
  return shown;
}

void append_line(std::string& text, Method method, std::string_view path) {
  text.append(to_string(method)).append(" ").append(path).append(" HTTP/1.1\r\n");
}

void append_headers(std::string& text, std::span<const Header> headers) {
  for (const auto& [name, value] : headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
}

// Content-Length if there is a body or the method promises one, the empty line, and the body.
void append_body(std::string& text, Method method, std::string_view body) {
  // A server may wait for the body of these if it is told no length (RFC 9110, 8.6).
  const bool promises = method == Method::post || method == Method::put || method == Method::patch;
  if (promises || !body.empty()) {
    std::array<char, std::numeric_limits<std::size_t>::digits10 + 1> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size()).ptr;
    text.append("Content-Length: ").append(digits.data(), end).append("\r\n");
  }
  text.append("\r\n").append(body);
}

}  // namespace

std::string request_problem(Method method, std::string_view path, std::span<const Header> headers) {
  if (to_string(method).empty()) {
    return problem("request.method", std::to_string(static_cast<int>(method)),
                   "one of the methods in leasehold::Method");
  }
  if (!is_request_path(path)) {
    return problem("request.path", path,
                   R"(a path from "/" on, visible ASCII without "#" (else percent-encoded))");
  }
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) {
      return wrong("request.headers", beginning(name),
                   "a header name (letters, digits and some of -_.)");
    }
    if (is_reserved(name)) {
      return problem("request.headers", name, "a header that is not leasehold's to write");
    }
    // The value may be a secret: it is not shown.
    if (!is_field_value(value) || trimmed(value) != value) {
      return problem(std::string("request.headers.").append(escaped(name)),
                     std::to_string(value.size()) + " bytes",
                     "a value of one line, with no control character and no space at its ends");
    }
  }
  return {};
}

std::string OutgoingRequest::render(std::string& text, std::string_view own_lines) const {
  if (prepared_ != nullptr) {
    if (prepared_->line().empty()) {
      return problem("request", "", "a PreparedRequest that was not moved from");
    }
    text.append(prepared_->line()).append(own_lines).append(prepared_->headers());
  } else {
    std::string problem = request_problem(method_, request_->path, request_->headers);
    if (!problem.empty()) return problem;
    append_line(text, method_, request_->path);
    text.append(own_lines);
    append_headers(text, request_->headers);
  }
  append_body(text, method_, body_);
  return {};
}

}  // namespace detail

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return "";
}

RequestError::~RequestError() = default;

PreparedRequest::PreparedRequest(Method method, std::string_view path,
                                 std::span<const Header> headers)
    : method_(method) {
  const std::string problem = detail::request_problem(method, path, headers);
  if (!problem.empty()) throw RequestError(problem);
  detail::append_line(line_, method, path);
  detail::append_headers(headers_, headers);
}

}  // namespace leasehold
