#pragma once

#include <string_view>

namespace leasehold::detail {

class Client;

// Where a lease takes its client back to: a pool, or a source of another kind.
class LeaseHome {
 public:
  // Ends the lease; the home may be gone afterwards.
  virtual void give_back(Client& client) noexcept = 0;
  // Counts and remembers a condemnation; the lease goes on.
  virtual void note_condemned(std::string_view reason) noexcept = 0;

 protected:
  ~LeaseHome() = default;
};

}  // namespace leasehold::detail
