#pragma once

#include <string>
#include <string_view>

namespace leasehold::paper::detail {

// An answer, as far as HTTP is concerned. The body is JSON.
struct HttpResponse {
  int status = 200;
  std::string body{};
  std::string allow{};  // methods, with 405
};

// What surrounds it on the wire.
struct HttpFraming {
  std::string_view request_id;
  std::string_view date;
  bool keep_alive = true;
  bool head_only = false;  // answers HEAD: the headers of the body, without the body
};

// Appends the whole response, head and body.
void append_response(std::string& out, const HttpResponse& response, const HttpFraming& framing);

}  // namespace leasehold::paper::detail
