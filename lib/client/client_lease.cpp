#include "leasehold/client_lease.hpp"

#include "client/client.hpp"

namespace leasehold {
namespace {

std::string misuse(const Refusal& refusal) {
  if (refusal.reason == RefusalReason::none) {
    return "ClientLease used without a client: it was released, moved from, or never acquired";
  }
  return "ClientLease used without a client: " + refusal.sentence() +
         "; test the lease before using it";
}

}  // namespace

EmptyLeaseError::EmptyLeaseError(const Refusal& refusal) : std::logic_error(misuse(refusal)) {}
EmptyLeaseError::~EmptyLeaseError() = default;

const char detail::LEASEHOLD_BUILT_WITH::mark = 0;

httplib::SSLClient& detail::LEASEHOLD_BUILT_WITH::http_of(Client& client) noexcept {
  return client.http();
}

Outcome ClientLease::send(const Request& request, Deadline deadline,
                          const std::stop_token& stop) noexcept {
  return send_either(detail::OutgoingRequest(request), deadline, stop);
}

Outcome ClientLease::send(const PreparedRequest& request, std::string_view body, Deadline deadline,
                          const std::stop_token& stop) noexcept {
  return send_either(detail::OutgoingRequest(request, body), deadline, stop);
}

Outcome ClientLease::send_either(const detail::OutgoingRequest& request, Deadline deadline,
                                 const std::stop_token& stop) noexcept {
  if (client_ != nullptr) return client_->send(request, deadline.at(), stop);
  return {Fate::not_sent,
          {.phase = Phase::prepare, .cause = Cause::empty_lease, .refusal = refusal_}};
}

void ClientLease::condemn(std::string_view reason) noexcept {
  if (client_ == nullptr) return;
  client_->condemn();
  home_->note_condemned(reason);
}

}  // namespace leasehold
