#include "pool/pool_state.hpp"

#include <utility>

#include "pool/leased_send.hpp"

namespace leasehold::detail {

PoolState::PoolState(ClientSettings client, PoolSettings pool, const Clock& clock)
    : blueprint_(std::move(client)),
      settings_((validate(pool), std::move(pool))),
      clock_(clock),
      desk_(static_cast<std::uint32_t>(settings_.size), settings_.max_waiting, clock, this) {
  clients_.reserve(settings_.size);
  for (std::uint32_t number = 0; number < settings_.size; ++number) {
    clients_.push_back(std::make_unique<Client>(blueprint_, number, clock_));
  }
}

PoolState::~PoolState() = default;

// While it lives the state does too, whoever retires it meanwhile.
class PoolState::Stay {
 public:
  explicit Stay(PoolState& pool) noexcept : pool_(pool) {}
  ~Stay() {
    if (is_guest_) pool_.leave(pool_.desk_.leave());
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

  void begin() noexcept {
    if (is_guest_) return;
    pool_.desk_.enter();
    is_guest_ = true;
  }
  // The desk has made the thread its guest.
  void has_begun() noexcept { is_guest_ = true; }

 private:
  PoolState& pool_;
  bool is_guest_ = false;
};

// --- acquiring ---

// REQUIRES: the caller has taken the client. Refused if it cannot be made ready; then the caller's
// stay begins before the lease ends, which may be all that keeps the state.
ClientLease PoolState::lease(std::uint32_t number, Stay& stay) noexcept {
  Client& client = *clients_[number];
  ClientLease lease(*this, client);
  if (client.condemned()) [[unlikely]] {
    try {
      client.rebuild();
    } catch (...) {  // only memory can be missing
      stay.begin();
      const auto counts = desk_.counts();
      return ClientLease({.reason = RefusalReason::out_of_memory,
                          .size = desk_.size(),
                          .idle = counts.idle,
                          .leased = counts.leased,
                          .waiting = counts.waiting_urgent + counts.waiting_normal});
    }
  }
  return lease;
}

ClientLease PoolState::settle(const LendingDesk::Taken& taken, Stay& stay) noexcept {
  if (taken.client != kNoClient) return lease(taken.client, stay);
  if (taken.is_guest) stay.has_begun();
  return ClientLease(taken.refusal);
}

ClientLease PoolState::stand_in_line(Deadline deadline, const AcquireOptions& ask,
                                     Stay& stay) noexcept {
  const bool sooner = ask.deadline && ask.deadline->at() < deadline.at();
  return settle(desk_.stand_in_line(ask, sooner ? ask.deadline->at() : deadline.at()), stay);
}

ClientLease PoolState::try_acquire() noexcept {
  Stay stay(*this);
  return settle(desk_.try_take(), stay);
}

ClientLease PoolState::try_acquire_for(Timeout timeout, const AcquireOptions& ask) noexcept {
  Stay stay(*this);
  if (const auto number = desk_.take_idle(); number != kNoClient) return lease(number, stay);
  return stand_in_line(in(timeout), ask, stay);
}

ClientLease PoolState::try_acquire_until(Deadline deadline, const AcquireOptions& ask) noexcept {
  Stay stay(*this);
  if (const auto number = desk_.take_idle(); number != kNoClient) return lease(number, stay);
  return stand_in_line(deadline, ask, stay);
}

// With a client, or none, that is not to be had as it is.
ClientLease PoolState::acquire_otherwise(std::uint32_t number, const AcquireOptions& ask) {
  Stay stay(*this);
  if (number == kNoClient) number = desk_.take_other();
  ClientLease got =
      number != kNoClient
          ? lease(number, stay)
          : stand_in_line(ask.deadline ? *ask.deadline : in(settings_.acquire_timeout), ask, stay);
  // The names are read before the stay ends.
  if (!got) throw AcquireError("pool", settings_.name, blueprint_.settings.origin, got.refusal());
  return got;
}

// --- sending ---

Outcome PoolState::send(const OutgoingRequest& request, Deadline deadline,
                        const AcquireOptions& ask) noexcept {
  Stay stay(*this);
  const auto another = [&](ClientLease lease, Cause cause) noexcept {
    if (ClientLease other = try_acquire()) return other;
    if (cause == Cause::stale) return lease;  // which has no connection now
    stay.begin();                             // for a moment no lease keeps the pool
    lease.release();
    return try_acquire_until(deadline, ask);
  };
  return LeasedSend::run(try_acquire_until(deadline, ask), request, deadline, ask.stop, another);
}

// --- giving back, closing ---

void PoolState::give_back(Client& client) noexcept {
  client.rest();
  leave(desk_.give_back(client.number()));
}

// The connections are the parent's too: a child leaves them alone.
CloseReport PoolState::close(TimePoint deadline) noexcept {
  if (desk_.forked()) return {};
  Stay stay(*this);
  stay.begin();
  const std::size_t leased = desk_.begin_close();
  std::size_t cut_off = 0;
  if (!desk_.await_collected(deadline)) {
    for (std::uint32_t i = 0; i < desk_.size(); ++i) cut_off += desk_.is_leased(i) ? 1U : 0U;
  }
  for (const auto& client : clients_) client->cut_off();
  return {.drained = leased - cut_off, .cut_off = cut_off};
}

void PoolState::retire() noexcept {
  if (desk_.forked()) return;
  desk_.begin_close();
  for (const auto& client : clients_) {
    if (!desk_.is_leased(client->number())) client->cut_off();
  }
  leave(desk_.retire());
}

PoolStatus PoolState::status() const {
  PoolStatus status;
  status.name = settings_.name;
  status.origin = blueprint_.settings.origin;
  status.size = desk_.size();
  const auto counts = desk_.counts();
  status.idle = counts.idle;
  status.leased = counts.leased;
  status.waiting_urgent = counts.waiting_urgent;
  status.waiting_normal = counts.waiting_normal;
  for (const auto& client : clients_) status.handshakes += client->handshakes();
  condemnations_.write_to(status);
  status.closed = desk_.closed();
  return status;
}

}  // namespace leasehold::detail
