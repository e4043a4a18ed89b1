#include "leasehold/client_pool.hpp"

#include <memory>
#include <utility>

#include "pool/pool_state.hpp"

namespace leasehold {

ClientPool::ClientPool(ClientSettings client, PoolSettings pool)
    : state_(new detail::PoolState(std::move(client), std::move(pool))) {}

ClientPool::~ClientPool() { state_->retire(); }

ClientLease ClientPool::acquire(AcquireOptions options) {
  return state_->acquire(options.lane, nullptr);
}

ClientLease ClientPool::acquire(const std::stop_token& stop, AcquireOptions options) {
  return state_->acquire(options.lane, &stop);
}

ClientLease ClientPool::try_acquire() noexcept { return state_->try_acquire(); }

ClientLease ClientPool::try_acquire_for(std::chrono::nanoseconds timeout,
                                        AcquireOptions options) noexcept {
  return state_->try_acquire_for(timeout, options.lane, nullptr);
}

ClientLease ClientPool::try_acquire_for(std::chrono::nanoseconds timeout,
                                        const std::stop_token& stop,
                                        AcquireOptions options) noexcept {
  return state_->try_acquire_for(timeout, options.lane, &stop);
}

ClientLease ClientPool::try_acquire_until(std::chrono::steady_clock::time_point deadline,
                                          AcquireOptions options) noexcept {
  return state_->try_acquire_until(deadline, options.lane, nullptr);
}

ClientLease ClientPool::try_acquire_until(std::chrono::steady_clock::time_point deadline,
                                          const std::stop_token& stop,
                                          AcquireOptions options) noexcept {
  return state_->try_acquire_until(deadline, options.lane, &stop);
}

CloseReport ClientPool::close(std::chrono::steady_clock::time_point deadline) noexcept {
  return state_->close(deadline);
}

bool ClientPool::closed() const noexcept { return state_->closed(); }

PoolStatus ClientPool::status() const { return state_->status(); }

const ClientSettings& ClientPool::client_settings() const noexcept {
  return state_->client_settings();
}

const PoolSettings& ClientPool::settings() const noexcept { return state_->settings(); }

std::size_t ClientPool::size() const noexcept { return state_->settings().size; }

}  // namespace leasehold
