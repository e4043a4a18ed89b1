#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "leasehold/export.hpp"

namespace leasehold {

// Sent twice, a request with an idempotent method (all but post and patch) does what it does once.
enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

// "GET"
LEASEHOLD_API std::string_view to_string(Method method) noexcept;

struct Header {
  std::string_view name;
  std::string_view value;
};

// A request for ClientLease::send() and ClientPool::send(). It only refers to its texts, which must
// last until the call returns.
//
//   const Header headers[] = {{"APCA-API-KEY-ID", key}, {"APCA-API-SECRET-KEY", secret}};
//   Request request{.method = Method::del, .path = "/v2/orders/" + id, .headers = headers};
//
// Host, Content-Length and Connection are leasehold's own, and Expect, Keep-Alive, TE, Trailer,
// Transfer-Encoding and Upgrade it does not speak; Content-Type is one of the headers.
// A request that cannot be written as it is (a space in the path, a line break in a value) is not
// sent: its outcome has Cause::invalid_request and says which part, its value and what was
// expected.
struct Request {
  Method method = Method::get;
  std::string_view path = "/";  // with the query; from "/" on, as it goes on the wire
  std::span<const Header> headers = {};
  std::string_view body = {};
};

// Thrown by PreparedRequest for a part that cannot be sent. what() names it, its value and what was
// expected:
//   request.path: "v2/orders": expected a path that begins with "/"
class LEASEHOLD_API RequestError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
  ~RequestError() override;
};

// The part of a request that stays the same, rendered and checked once: so that an order costs one
// copy of its body.
//
//   const PreparedRequest place(Method::post, "/v2/orders", headers);  // with Content-Type
//   Outcome outcome = pool.send(place, order_json, deadline);
//
// Thread: constant after construction; any number of threads may send it at the same time, through
//   pools of any origin.
class LEASEHOLD_API PreparedRequest {
 public:
  // Copies what it needs. Throws RequestError.
  PreparedRequest(Method method, std::string_view path, std::span<const Header> headers = {});

  Method method() const noexcept { return method_; }
  // The request line, and the header lines after Host.
  std::string_view line() const noexcept { return line_; }
  std::string_view headers() const noexcept { return headers_; }

 private:
  Method method_;
  std::string line_;  // empty once it was moved from: it cannot be sent then
  std::string headers_;
};

}  // namespace leasehold
