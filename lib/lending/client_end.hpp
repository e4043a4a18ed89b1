#pragma once

#include <cstdint>

namespace leasehold::detail {

// Is told which clients will not be lent again.
class ClientEnd {
 public:
  // The client was given back after closing had begun. The calling thread gave it back, its lease
  // still keeps what is shared, and it holds no lock.
  virtual void at_end(std::uint32_t client) noexcept = 0;

 protected:
  ~ClientEnd() = default;
};

}  // namespace leasehold::detail
