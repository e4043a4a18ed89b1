#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "leasehold/alpaca/credentials.hpp"
#include "leasehold/alpaca/detail/carrier.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"

namespace leasehold::alpaca::detail {

// A tenant's requests: what each of them carries, and who carries them. Constant once it is made.
class Requester {
 public:
  // Throws SettingsError and std::bad_alloc.
  Requester(std::unique_ptr<Carrier> carrier, const Credentials& credentials);

  // A request without an outcome of its own is not sent (invalid_request, out_of_resources).
  Outcome send(Method method, std::string_view path, std::string_view body, Deadline deadline,
               Lane usual_lane, const CallOptions& options) const noexcept;

 private:
  const std::unique_ptr<Carrier> carrier_;
  const Credentials credentials_;
  const PreparedRequest place_;  // POST /v2/orders with these, rendered once
};

// Where orders are placed and listed.
inline constexpr std::string_view kOrdersPath = "/v2/orders";

}  // namespace leasehold::alpaca::detail
