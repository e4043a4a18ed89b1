#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "client/client.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/detail/lease_home.hpp"
#include "lending/lending_desk.hpp"
#include "pool/condemnations.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

// What a ClientPool and its leases share: the desk that says who has which client, and the clients.
//
// Lifetime: deletes itself when the pool, all leases and all waiters have left it; LendingDesk says
//   when. So it is made with new and let go with retire().
class PoolState final : public LeaseHome, private ClientEnd {
 public:
  PoolState(ClientSettings client, PoolSettings pool, const Clock& clock = kSteadyClock);
  PoolState(const PoolState&) = delete;
  PoolState& operator=(const PoolState&) = delete;

  // As ClientPool's. The clock is read only by those who wait.
  ClientLease try_acquire() noexcept;
  ClientLease try_acquire_for(Timeout timeout, const AcquireOptions& ask) noexcept;
  ClientLease try_acquire_until(Deadline deadline, const AcquireOptions& ask) noexcept;
  ClientLease acquire(const AcquireOptions& ask) {
    const std::uint32_t number = desk_.take_last_used();
    if (number != kNoClient) [[likely]] {
      Client& client = *clients_[number];
      if (!client.condemned()) [[likely]]
        return ClientLease(*this, client);
    }
    return acquire_otherwise(number, ask);
  }

  Outcome send(const OutgoingRequest& request, Deadline deadline,
               const AcquireOptions& ask) noexcept;

  CloseReport close(TimePoint deadline) noexcept;
  bool closed() const noexcept { return desk_.closed(); }
  PoolStatus status() const;
  // The pool is being destroyed; `this` may be gone on return.
  void retire() noexcept;

  const ClientSettings& client_settings() const noexcept { return blueprint_.settings; }
  const PoolSettings& settings() const noexcept { return settings_; }

  void give_back(Client& client) noexcept override;
  void note_condemned(std::string_view reason) noexcept override { condemnations_.note(reason); }

 private:
  // A thread inside that holds no lease.
  class Stay;

  // Nobody will use it again.
  void at_end(std::uint32_t client) noexcept override { clients_[client]->cut_off(); }

  ~PoolState();

  Deadline in(Timeout timeout) const noexcept { return Deadline::in(timeout, clock_.now()); }
  ClientLease acquire_otherwise(std::uint32_t number, const AcquireOptions& ask);
  ClientLease stand_in_line(Deadline deadline, const AcquireOptions& ask, Stay& stay) noexcept;
  ClientLease settle(const LendingDesk::Taken& taken, Stay& stay) noexcept;
  ClientLease lease(std::uint32_t number, Stay& stay) noexcept;
  void leave(LendingDesk::Last last) noexcept {
    if (last == LendingDesk::Last::yes) [[unlikely]]
      delete this;
  }

  // Constant after construction.
  const ClientBlueprint blueprint_;
  const PoolSettings settings_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Client>> clients_;

  LendingDesk desk_;

  Condemnations condemnations_;
};

}  // namespace leasehold::detail
