#pragma once

#include <stop_token>
#include <utility>

#include "client/owned_outcome.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/refusal.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

class Client;

// What the send() of each owner of clients does with a lease: one request, whose outcome is not
// that a connection had ended before it was used.
class LeasedSend {
 public:
  // On a client that is condemned, or whose connection is stale, nothing of the request has gone
  // out: `renew(lease, cause)` gives another, or the same one, and the request is put to that. It
  // ends there where none is left that has a connection: a stale one is ended, and a condemned
  // client is built anew. The response has memory of its own.
  template <class Renew>
  static Outcome run(ClientLease lease, const OutgoingRequest& request, Deadline deadline,
                     const std::stop_token& stop, Renew renew) noexcept {
    for (;;) {
      if (!lease) return refused(lease.refusal());
      Outcome outcome = lease.send_either(request, deadline, stop);
      const Cause cause = outcome.fault().cause;
      if (cause != Cause::stale && cause != Cause::condemned) return owned(std::move(outcome));
      lease = renew(std::move(lease), cause);
    }
  }

  // REQUIRES: the lease is not empty.
  static Client& client_of(const ClientLease& lease) noexcept { return *lease.client_; }

 private:
  static Outcome refused(const Refusal& refusal) noexcept;
};

}  // namespace leasehold::detail
