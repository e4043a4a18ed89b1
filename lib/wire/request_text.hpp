#pragma once

#include <span>
#include <string>
#include <string_view>

#include "leasehold/request.hpp"

namespace leasehold::detail {

// What is wrong with the parts of a request, as RequestError says it; empty if it can be written.
std::string request_problem(Method method, std::string_view path, std::span<const Header> headers);

// A request about to be sent, of either kind. Refers to its texts.
class OutgoingRequest {
 public:
  explicit OutgoingRequest(const Request& request) noexcept
      : method_(request.method), request_(&request), body_(request.body) {}
  OutgoingRequest(const PreparedRequest& request, std::string_view body) noexcept
      : method_(request.method()), prepared_(&request), body_(body) {}

  Method method() const noexcept { return method_; }

  // Appends the request as it goes on the wire; `own_lines` are header lines that depend on the
  // connection. What is wrong with the request, and nothing appended; empty if it can be written.
  // Throws std::bad_alloc.
  std::string render(std::string& text, std::string_view own_lines) const;

 private:
  Method method_;
  const Request* request_ = nullptr;
  const PreparedRequest* prepared_ = nullptr;
  std::string_view body_;
};

}  // namespace leasehold::detail
