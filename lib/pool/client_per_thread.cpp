#include "leasehold/client_per_thread.hpp"

#include <utility>

#include "pool/per_thread_state.hpp"

namespace leasehold {

ClientPerThread::ClientPerThread(ClientSettings client, PerThreadSettings settings)
    : state_(new detail::PerThreadState(std::move(client), std::move(settings))) {}

ClientPerThread::~ClientPerThread() { state_->retire(); }

ClientLease ClientPerThread::acquire(const AcquireOptions& /*options*/) {
  return state_->acquire();
}

ClientLease ClientPerThread::try_acquire() noexcept { return state_->try_acquire(); }

ClientLease ClientPerThread::try_acquire_for(Timeout /*timeout*/,
                                             const AcquireOptions& /*options*/) noexcept {
  return state_->try_acquire();
}

ClientLease ClientPerThread::try_acquire_until(Deadline /*deadline*/,
                                               const AcquireOptions& /*options*/) noexcept {
  return state_->try_acquire();
}

Outcome ClientPerThread::send(const Request& request, Deadline deadline,
                              const AcquireOptions& options) noexcept {
  return state_->send(detail::OutgoingRequest(request), deadline, options.stop);
}

Outcome ClientPerThread::send(const PreparedRequest& request, std::string_view body,
                              Deadline deadline, const AcquireOptions& options) noexcept {
  return state_->send(detail::OutgoingRequest(request, body), deadline, options.stop);
}

CloseReport ClientPerThread::close(Deadline deadline) noexcept {
  return state_->close(deadline.at());
}

bool ClientPerThread::closed() const noexcept { return state_->closed(); }

PoolStatus ClientPerThread::status() const { return state_->status(); }

std::size_t ClientPerThread::threads() const noexcept { return state_->threads(); }

const ClientSettings& ClientPerThread::client_settings() const noexcept {
  return state_->client_settings();
}

const PerThreadSettings& ClientPerThread::settings() const noexcept { return state_->settings(); }

std::size_t ClientPerThread::size() const noexcept { return state_->settings().max_threads; }

}  // namespace leasehold
