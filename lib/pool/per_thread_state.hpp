#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "client/client.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/detail/lease_home.hpp"
#include "leasehold/settings.hpp"
#include "leasehold/status.hpp"
#include "lending/seating.hpp"
#include "pool/condemnations.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

// What a ClientPerThread and its leases share: the seating that says which thread has which client,
// and the clients, each built when it is first needed.
//
// Lifetime: deletes itself when the source, all leases and all who are inside close() have left it;
//   Seating says when. So it is made with new and let go with retire().
class PerThreadState final : public LeaseHome, private ClientEnd {
 public:
  PerThreadState(ClientSettings client, PerThreadSettings settings,
                 const Clock& clock = kSteadyClock);
  PerThreadState(const PerThreadState&) = delete;
  PerThreadState& operator=(const PerThreadState&) = delete;

  // As ClientPerThread's.
  ClientLease acquire() {
    Client* const client = take_ready();
    return client != nullptr ? ClientLease(*this, *client) : acquire_otherwise();
  }
  ClientLease try_acquire() noexcept {
    Client* const client = take_ready();
    return client != nullptr ? ClientLease(*this, *client) : try_acquire_otherwise();
  }
  Outcome send(const OutgoingRequest& request, Deadline deadline,
               const std::stop_token& stop) noexcept;

  CloseReport close(TimePoint deadline) noexcept;
  bool closed() const noexcept { return seating_->closed(); }
  PoolStatus status() const;
  std::size_t threads() const noexcept { return seating_->taken(); }
  // The source is being destroyed; `this` may be gone on return.
  void retire() noexcept;

  const ClientSettings& client_settings() const noexcept { return blueprint_.settings; }
  const PerThreadSettings& settings() const noexcept { return settings_; }

  void give_back(Client& client) noexcept override;
  void note_condemned(std::string_view reason) noexcept override { condemnations_.note(reason); }

 private:
  ~PerThreadState();

  // The thread's client, leased to it, if it can be lent as it is.
  Client* take_ready() noexcept {
    const std::uint32_t seat = seating_->take_mine();
    if (seat == Seating::kNoSeat) [[unlikely]]
      return nullptr;
    // The thread's own, or of those before it: then the seat came through the seating's lock.
    Client* const client = clients_[seat].load(std::memory_order_relaxed);
    if (client != nullptr && !client->condemned()) [[likely]]
      return client;
    // Not the last: no thread may be entering when the source ends, and this one is.
    static_cast<void>(seating_->give_back(seat));
    return nullptr;
  }
  ClientLease acquire_otherwise();
  ClientLease try_acquire_otherwise() noexcept;
  Client* made_ready(std::uint32_t seat) noexcept;
  static bool rebuilt(Client& client) noexcept;
  Refusal refusal(RefusalReason reason) const noexcept;
  template <class Use>
  void each_client(Use use) const;

  // Nobody will use it again.
  void at_end(std::uint32_t client) noexcept override;
  void leave(Seating::Last last) noexcept {
    if (last == Seating::Last::yes) [[unlikely]]
      delete this;
  }

  // Constant after construction.
  const ClientBlueprint blueprint_;
  const PerThreadSettings settings_;
  const Clock& clock_;
  const std::shared_ptr<Seating> seating_;  // shared with the threads that have a seat

  // By seat; null until it is built. Written by who has the seat.
  const std::unique_ptr<std::atomic<Client*>[]> clients_;
  Condemnations condemnations_;
};

}  // namespace leasehold::detail
