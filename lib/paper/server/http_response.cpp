#include "paper/server/http_response.hpp"

namespace leasehold::paper::detail {

namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 207:
      return "Multi-Status";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace

void append_response(std::string& out, const HttpResponse& response, const HttpFraming& framing) {
  out.reserve(out.size() + 256 + response.body.size());
  const auto line = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  line("Date", framing.date);
  if (response.status != 204) {  // which has none, and no length (RFC 9110, 8.6)
    line("Content-Type", "application/json; charset=UTF-8");
    line("Content-Length", std::to_string(response.body.size()));
  }
  line("Connection", framing.keep_alive ? "keep-alive" : "close");
  line("X-Request-ID", framing.request_id);
  if (!response.allow.empty()) line("Allow", response.allow);
  out.append("\r\n");
  if (!framing.head_only) out.append(response.body);
}

}  // namespace leasehold::paper::detail
