#include "pool/pool_state.hpp"

#include <new>
#include <utility>

namespace leasehold::detail {
namespace {

constexpr std::size_t kReasonBytes = 63;

}  // namespace

PoolState::PoolState(ClientSettings client, PoolSettings pool, const Clock& clock)
    : blueprint_(std::move(client)),
      settings_((validate(pool), std::move(pool))),
      clock_(clock),
      desk_(static_cast<std::uint32_t>(settings_.size), settings_.max_waiting, clock) {
  last_condemned_.reserve(kReasonBytes);
  clients_.reserve(settings_.size);
  for (std::uint32_t number = 0; number < settings_.size; ++number) {
    clients_.push_back(std::make_unique<Client>(blueprint_, number));
  }
}

PoolState::~PoolState() = default;

ClientLease PoolState::settle(const LendingDesk::Taken& taken) noexcept {
  if (taken.client != kNoClient) return lease(taken.client);
  if (taken.pinned) leave(desk_.unpin());
  return ClientLease(taken.refusal);
}

bool PoolState::make_ready(Client& client, Refusal& refusal) noexcept {
  try {
    client.rebuild();
    return true;
  } catch (...) {  // only memory can be missing
    const auto counts = desk_.counts();
    refusal = {.reason = RefusalReason::out_of_memory,
               .size = desk_.size(),
               .idle = counts.idle,
               .leased = counts.leased,
               .waiting = counts.waiting_urgent + counts.waiting_normal};
    return false;
  }
}

TimePoint PoolState::in(std::chrono::nanoseconds timeout) const noexcept {
  const TimePoint now = clock_.now();
  return timeout < kNever - now ? now + timeout : kNever;
}

ClientLease PoolState::lease_or_throw(std::uint32_t number) {
  Client& client = *clients_[number];
  ClientLease lease(*this, client);
  Refusal refusal;
  if (client.condemned() && !make_ready(client, refusal)) [[unlikely]] {
    // The lease ends after the names were read: it may be all that keeps the pool's memory.
    throw AcquireError(settings_.name, blueprint_.settings.origin, refusal);
  }
  return lease;
}

ClientLease PoolState::acquire_other(Lane lane, const std::stop_token* stop) {
  if (const auto number = desk_.take_other(); number != kNoClient) return lease_or_throw(number);
  return acquire_in_line(lane, stop);
}

ClientLease PoolState::acquire_in_line(Lane lane, const std::stop_token* stop) {
  const auto taken = desk_.stand_in_line(lane, in(settings_.acquire_timeout), stop);
  if (taken.client != kNoClient) return lease_or_throw(taken.client);
  // The names are read before the pin ends: the pool may be destroyed as soon as it has.
  struct Unpin {
    PoolState& self;
    const bool pinned;
    ~Unpin() {
      if (pinned) self.leave(self.desk_.unpin());
    }
  } const unpin{*this, taken.pinned};
  throw AcquireError(settings_.name, blueprint_.settings.origin, taken.refusal);
}

void PoolState::give_back(Client& client) noexcept {
  client.rest();
  if (desk_.closed()) [[unlikely]]
    client.cut_off();  // nobody will use it again
  leave(desk_.give_back(client.number()));
}

void PoolState::note_condemned(std::string_view reason) noexcept {
  const std::lock_guard lock(condemned_mutex_);
  ++condemned_;
  last_condemned_.assign(reason.substr(0, kReasonBytes));
}

CloseReport PoolState::close(TimePoint deadline) noexcept {
  const std::size_t leased = desk_.begin_close();
  std::size_t cut_off = 0;
  if (!desk_.await_collected(deadline)) {
    for (std::uint32_t i = 0; i < desk_.size(); ++i) cut_off += desk_.is_leased(i) ? 1U : 0U;
  }
  for (const auto& client : clients_) client->cut_off();
  return {.drained = leased - cut_off, .cut_off = cut_off};
}

void PoolState::retire() noexcept {
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
  {
    const std::lock_guard lock(condemned_mutex_);
    status.condemned = condemned_;
    status.last_condemned = last_condemned_;
  }
  status.closed = desk_.closed();
  return status;
}

}  // namespace leasehold::detail
