#include "leasehold/client_pool.hpp"

#include <utility>

#include "pool/pool_state.hpp"

namespace leasehold {

ClientPool::ClientPool(ClientSettings client, PoolSettings pool)
    : state_(new detail::PoolState(std::move(client), std::move(pool))) {}

ClientPool::~ClientPool() { state_->retire(); }

ClientLease ClientPool::acquire(const AcquireOptions& options) { return state_->acquire(options); }

ClientLease ClientPool::try_acquire() noexcept { return state_->try_acquire(); }

ClientLease ClientPool::try_acquire_for(Timeout timeout, const AcquireOptions& options) noexcept {
  return state_->try_acquire_for(timeout, options);
}

ClientLease ClientPool::try_acquire_until(Deadline deadline,
                                          const AcquireOptions& options) noexcept {
  return state_->try_acquire_until(deadline, options);
}

Outcome ClientPool::send(const Request& request, Deadline deadline,
                         const AcquireOptions& options) noexcept {
  return state_->send(detail::OutgoingRequest(request), deadline, options);
}

Outcome ClientPool::send(const PreparedRequest& request, std::string_view body, Deadline deadline,
                         const AcquireOptions& options) noexcept {
  return state_->send(detail::OutgoingRequest(request, body), deadline, options);
}

CloseReport ClientPool::close(Deadline deadline) noexcept { return state_->close(deadline.at()); }

bool ClientPool::closed() const noexcept { return state_->closed(); }

PoolStatus ClientPool::status() const { return state_->status(); }

const ClientSettings& ClientPool::client_settings() const noexcept {
  return state_->client_settings();
}

const PoolSettings& ClientPool::settings() const noexcept { return state_->settings(); }

std::size_t ClientPool::size() const noexcept { return state_->settings().size; }

}  // namespace leasehold
