#include "paper/server/http_request.hpp"

#include <algorithm>
#include <charconv>

#include "paper/server/http_text.hpp"

namespace leasehold::paper::detail {

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  std::optional<std::string_view> value;
  for (std::string_view rest = headers; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (!equal_ignoring_case(line.substr(0, colon), name)) continue;
    if (value) return std::nullopt;
    value = trimmed(line.substr(colon + 1));
  }
  return value;
}

void RequestParser::reset() {
  std::string target = std::move(request_.target);  // keeps its capacity
  target.clear();
  stage_ = Stage::request_line;
  line_start_ = looked_at_ = headers_start_ = 0;
  request_ = {};
  request_.target = std::move(target);
  refusal_ = {};
  content_length_.reset();
  transfer_encoding_.clear();
  http_1_0_ = has_host_ = says_close_ = says_keep_alive_ = expects_continue_ = false;
}

bool RequestParser::refuse(int status, const char* reason) {
  stage_ = Stage::refused;
  refusal_ = {.status = status, .reason = reason};
  return false;
}

RequestParser::State RequestParser::parse(std::string_view bytes) {
  while (stage_ == Stage::request_line || stage_ == Stage::headers) {
    const std::size_t end = bytes.find('\n', looked_at_);
    if (std::min(end, bytes.size()) >= limits_.head) {
      refuse(431, "request line and headers are too long");
      break;
    }
    if (end == std::string_view::npos) {
      looked_at_ = bytes.size();
      return State::incomplete;
    }
    if (end == line_start_ || bytes[end - 1] != '\r') {
      refuse(400, "line does not end in CRLF");
      break;
    }
    const std::string_view line = bytes.substr(line_start_, end - 1 - line_start_);
    line_start_ = looked_at_ = end + 1;
    if (stage_ == Stage::request_line) {
      if (line.empty()) continue;  // RFC 9112, 2.2: an empty line before the request is ignored
      headers_start_ = line_start_;
      if (take_request_line(line)) stage_ = Stage::headers;
    } else if (!line.empty()) {
      take_header(line);
    } else if (finish_head()) {
      stage_ = Stage::body;
    }
  }
  if (stage_ == Stage::refused) return State::refused;
  if (bytes.size() < size()) return State::incomplete;
  constexpr std::size_t kEmptyLine = 2;
  request_.headers = bytes.substr(headers_start_, line_start_ - kEmptyLine - headers_start_);
  request_.body = bytes.substr(line_start_, content_length_.value_or(0));
  return State::complete;
}

bool RequestParser::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last) {
    return refuse(400, "request line is not METHOD TARGET VERSION");
  }
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return refuse(400, "method is not a token");
  request_.method = method == "GET"      ? HttpMethod::get
                    : method == "HEAD"   ? HttpMethod::head
                    : method == "POST"   ? HttpMethod::post
                    : method == "PATCH"  ? HttpMethod::patch
                    : method == "DELETE" ? HttpMethod::del
                                         : HttpMethod::other;
  return take_version(line.substr(last + 1)) &&
         take_target(line.substr(first + 1, last - first - 1), method == "OPTIONS");
}

bool RequestParser::take_version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return refuse(400, "HTTP version is malformed");
  if (version[5] != '1') return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  http_1_0_ = version[7] == '0';
  return true;
}

bool RequestParser::take_target(std::string_view target, bool options) {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::all_of(target.begin(), target.end(), visible)) {
    return refuse(400, "target has characters that must be percent-encoded");
  }
  if (target.find('#') != target.npos) return refuse(400, "target has a fragment");
  constexpr std::string_view scheme = "https://";
  if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
    return take_url(target.substr(scheme.size()), options);
  }
  if (!target.starts_with('/') && !(options && target == "*")) {
    return refuse(400, "target is neither a path nor an https URL");
  }
  request_.target = target;
  return true;
}

// absolute-form: a server has to take it although only proxies are sent it.
bool RequestParser::take_url(std::string_view after_scheme, bool options) {
  const std::size_t end = std::min(after_scheme.find_first_of("/?"), after_scheme.size());
  const std::string_view authority = after_scheme.substr(0, end);
  if (authority.find('@') != authority.npos) return refuse(400, "target has user info");
  if (authority.empty() || authority.front() == ':' || !is_host_and_port(authority)) {
    return refuse(400, "target has no host and port");
  }
  request_.target = after_scheme.substr(end);
  if (request_.target.empty() && options) {
    request_.target = '*';  // RFC 9112, 3.2.4
  } else if (!request_.target.starts_with('/')) {
    request_.target.insert(0, 1, '/');
  }
  return true;
}

bool RequestParser::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return refuse(400, "header line is not NAME: VALUE");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "header has control characters");

  if (equal_ignoring_case(name, "Content-Length")) return take_content_length(value);
  if (equal_ignoring_case(name, "Connection")) return take_connection(value);
  if (equal_ignoring_case(name, "Expect")) return take_expect(value);
  if (equal_ignoring_case(name, "Host")) {
    if (has_host_) return refuse(400, "more than one Host header");
    if (!is_host_and_port(value)) return refuse(400, "Host is not a host and port");
    has_host_ = true;
  } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
    if (!transfer_encoding_.empty()) transfer_encoding_ += ',';
    transfer_encoding_ += value.empty() ? "?" : value;
  }
  return true;
}

bool RequestParser::take_content_length(std::string_view value) {
  if (content_length_) return refuse(400, "more than one Content-Length header");
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) {
    return refuse(400, "Content-Length is not a number");
  }
  std::size_t length = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
  if (parsed.ec != std::errc() || length > limits_.body) return refuse(413, "body is too long");
  content_length_ = length;
  return true;
}

bool RequestParser::take_connection(std::string_view value) {
  for_each_listed(value, [this](std::string_view option) {
    if (equal_ignoring_case(option, "close")) says_close_ = true;
    if (equal_ignoring_case(option, "keep-alive")) says_keep_alive_ = true;
  });
  return true;
}

bool RequestParser::take_expect(std::string_view value) {
  if (!equal_ignoring_case(value, "100-continue")) return refuse(417, "unknown expectation");
  expects_continue_ = true;
  return true;
}

bool RequestParser::finish_head() {
  if (!has_host_ && !http_1_0_) return refuse(400, "Host header is missing");
  if (!transfer_encoding_.empty()) {
    if (content_length_ || http_1_0_) return refuse(400, "Transfer-Encoding is not allowed here");
    if (!equal_ignoring_case(transfer_encoding_, "chunked")) {
      return refuse(501, "transfer encoding is not known");
    }
    return refuse(411, "chunked bodies are not accepted: send a Content-Length");
  }
  request_.keep_alive = !says_close_ && (!http_1_0_ || says_keep_alive_);
  if (http_1_0_ || content_length_.value_or(0) == 0) expects_continue_ = false;
  return true;
}

}  // namespace leasehold::paper::detail
