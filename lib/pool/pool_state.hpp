#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "client/client.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/detail/lease_home.hpp"
#include "pool/lending_desk.hpp"

namespace leasehold::detail {

// What a ClientPool and its leases share: the desk that says who has which client, and the clients.
//
// Lifetime: deletes itself when the pool, all leases and all waiters have left it; LendingDesk says
//   when. So it is made with new and let go with retire().
class PoolState final : public LeaseHome {
 public:
  PoolState(ClientSettings client, PoolSettings pool, const Clock& clock = kSteadyClock);
  PoolState(const PoolState&) = delete;
  PoolState& operator=(const PoolState&) = delete;

  // `stop` may be null. The clock is read only by those who wait.
  ClientLease try_acquire() noexcept { return settle(desk_.try_take()); }
  ClientLease try_acquire_until(TimePoint deadline, Lane lane,
                                const std::stop_token* stop) noexcept {
    if (const auto client = desk_.take_idle(); client != kNoClient) return lease(client);
    return settle(desk_.stand_in_line(lane, deadline, stop));
  }
  ClientLease try_acquire_for(std::chrono::nanoseconds timeout, Lane lane,
                              const std::stop_token* stop) noexcept {
    if (const auto client = desk_.take_idle(); client != kNoClient) return lease(client);
    return settle(desk_.stand_in_line(lane, in(timeout), stop));
  }
  // For settings().acquire_timeout; throws AcquireError.
  ClientLease acquire(Lane lane, const std::stop_token* stop) {
    if (const auto number = desk_.take_last_used(); number != kNoClient) [[likely]] {
      Client& client = *clients_[number];
      if (!client.condemned()) [[likely]]
        return ClientLease(*this, client);
      return lease_or_throw(number);
    }
    return acquire_other(lane, stop);
  }

  CloseReport close(TimePoint deadline) noexcept;
  bool closed() const noexcept { return desk_.closed(); }
  PoolStatus status() const;
  // The pool is being destroyed; `this` may be gone on return.
  void retire() noexcept;

  const ClientSettings& client_settings() const noexcept { return blueprint_.settings; }
  const PoolSettings& settings() const noexcept { return settings_; }

  void give_back(Client& client) noexcept override;
  void note_condemned(std::string_view reason) noexcept override;

 private:
  ~PoolState();

  TimePoint in(std::chrono::nanoseconds timeout) const noexcept;
  ClientLease acquire_other(Lane lane, const std::stop_token* stop);
  ClientLease acquire_in_line(Lane lane, const std::stop_token* stop);
  ClientLease settle(const LendingDesk::Taken& taken) noexcept;
  ClientLease lease(std::uint32_t number) noexcept;
  ClientLease lease_or_throw(std::uint32_t number);
  bool make_ready(Client& client, Refusal& refusal) noexcept;
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

  // Guarded by condemned_mutex_.
  mutable std::mutex condemned_mutex_;
  std::uint64_t condemned_ = 0;
  std::string last_condemned_;  // capacity reserved: noting a reason allocates nothing
};

inline ClientLease PoolState::lease(std::uint32_t number) noexcept {
  Client& client = *clients_[number];
  ClientLease lease(*this, client);
  Refusal refusal;
  if (client.condemned() && !make_ready(client, refusal)) [[unlikely]]
    return ClientLease(refusal);
  return lease;
}

}  // namespace leasehold::detail
