#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "paper/server/http_request.hpp"

namespace leasehold::paper::detail {

// What a connection shall do about a request.
struct Reply {
  std::string bytes{};                          // the whole response
  std::chrono::steady_clock::time_point due{};  // not sent before
  bool close = false;                           // then end the connection
  std::uint64_t receipt = 0;                    // given back when the last byte has left; 0: don't
};

// What the server calls for the requests of its connections. One per event loop.
//
// Thread: its event loop's.
class RequestHandler {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  virtual ~RequestHandler() = default;

  // A complete request, its last byte received at `now`.
  virtual Reply answer(const HttpRequest& request, std::uint64_t connection, TimePoint now) = 0;
  // Something else than a request.
  virtual Reply refuse(const HttpRefusal& refusal, TimePoint now) = 0;
  // The reply with this receipt went to the kernel as a whole.
  virtual void replied(std::uint64_t receipt) = 0;
};

}  // namespace leasehold::paper::detail
