#include "pool/per_thread_state.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "lending/test_point.hpp"
#include "pool/leased_send.hpp"

namespace leasehold::detail {

PerThreadState::PerThreadState(ClientSettings client, PerThreadSettings settings,
                               const Clock& clock)
    : blueprint_(std::move(client)),
      settings_((validate(settings), std::move(settings))),
      clock_(clock),
      seating_(std::make_shared<Seating>(static_cast<std::uint32_t>(settings_.max_threads), clock_,
                                         static_cast<ClientEnd*>(this))),
      clients_(std::make_unique<std::atomic<Client*>[]>(settings_.max_threads)) {}

PerThreadState::~PerThreadState() {
  each_client([](Client& client) { delete &client; });
}

// Of those that are there.
template <class Use>
void PerThreadState::each_client(Use use) const {
  for (std::size_t seat = 0; seat < settings_.max_threads; ++seat) {
    // seq_cst: see made_ready().
    if (Client* const client = clients_[seat].load(std::memory_order_seq_cst)) use(*client);
  }
}

// --- acquiring ---

// REQUIRES: the caller has taken the seat. Null: there is no memory; all is as it was, and the seat
// is still taken.
Client* PerThreadState::made_ready(std::uint32_t seat) noexcept {
  Client* const there = clients_[seat].load(std::memory_order_relaxed);
  if (there != nullptr) return !there->condemned() || rebuilt(*there) ? there : nullptr;
  try {
    auto built = std::make_unique<Client>(blueprint_, seat, clock_);
    LEASEHOLD_POINT("client built");
    // Who closes and then looks through the clients sees it, or it sees here that it is closed:
    // both in one total order.
    clients_[seat].store(built.get(), std::memory_order_seq_cst);
    LEASEHOLD_POINT("client added");
    if (closed()) built->cut_off();
    return built.release();
  } catch (const std::exception&) {  // only memory can be missing
    return nullptr;
  }
}

bool PerThreadState::rebuilt(Client& client) noexcept {
  try {
    client.rebuild();
    return true;
  } catch (const std::exception&) {  // only memory can be missing
    return false;
  }
}

Refusal PerThreadState::refusal(RefusalReason reason) const noexcept {
  const std::uint32_t leased = seating_->leased();
  return {.reason = reason,
          .size = seating_->size(),
          .idle = seating_->size() - leased,
          .leased = leased};
}

ClientLease PerThreadState::try_acquire_otherwise() noexcept {
  const Seating::Taken taken = Seating::take_seat(seating_);
  if (taken.seat == Seating::kNoSeat) return ClientLease(refusal(taken.refused));
  if (Client* const client = made_ready(taken.seat)) return ClientLease(*this, *client);
  // Not the last: no thread may be entering when the source ends, and this one is.
  static_cast<void>(seating_->give_back(taken.seat));
  return ClientLease(refusal(RefusalReason::out_of_memory));
}

ClientLease PerThreadState::acquire_otherwise() {
  ClientLease got = try_acquire_otherwise();
  if (!got) {
    throw AcquireError("per_thread", settings_.name, blueprint_.settings.origin, got.refusal());
  }
  return got;
}

void PerThreadState::give_back(Client& client) noexcept {
  client.rest();
  leave(seating_->give_back(client.number()));
}

// --- sending ---

Outcome PerThreadState::send(const OutgoingRequest& request, Deadline deadline,
                             const std::stop_token& stop) noexcept {
  return LeasedSend::run(try_acquire(), request, deadline, stop,
                         [this](ClientLease lease, Cause /*cause*/) noexcept {
                           // There is no other: this one connects anew.
                           Client& client = LeasedSend::client_of(lease);
                           if (!client.condemned() || rebuilt(client)) return lease;
                           return ClientLease(refusal(RefusalReason::out_of_memory));
                         });
}

// --- closing ---

void PerThreadState::at_end(std::uint32_t client) noexcept {
  if (Client* const there = clients_[client].load(std::memory_order_seq_cst)) there->cut_off();
}

// The connections are the parent's too: a child leaves them alone.
CloseReport PerThreadState::close(TimePoint deadline) noexcept {
  if (seating_->forked()) return {};
  seating_->enter();
  const std::size_t leased = seating_->begin_close();
  const std::size_t cut_off = seating_->await_leases(deadline) ? 0 : seating_->leased();
  each_client([](Client& client) { client.cut_off(); });
  leave(seating_->leave());
  return {.drained = std::max(leased, cut_off) - cut_off, .cut_off = cut_off};
}

void PerThreadState::retire() noexcept {
  if (seating_->forked()) return;
  seating_->begin_close();
  each_client([this](Client& client) {
    if (!seating_->is_leased(client.number())) client.cut_off();
  });
  leave(seating_->retire());
}

PoolStatus PerThreadState::status() const {
  PoolStatus status;
  status.name = settings_.name;
  status.origin = blueprint_.settings.origin;
  status.size = seating_->size();
  status.leased = seating_->leased();
  status.idle = status.size - status.leased;
  each_client([&status](const Client& client) { status.handshakes += client.handshakes(); });
  condemnations_.write_to(status);
  status.closed = closed();
  return status;
}

}  // namespace leasehold::detail
