#pragma once

#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string_view>

#include "leasehold/built_with.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/detail/lease_home.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/refusal.hpp"
#include "leasehold/request.hpp"

namespace httplib {
class SSLClient;
}

namespace leasehold {

namespace detail {

class LeasedSend;
class OutgoingRequest;

namespace LEASEHOLD_BUILT_WITH {
LEASEHOLD_API httplib::SSLClient& http_of(Client& client) noexcept;
LEASEHOLD_API extern const char mark;
}  // namespace LEASEHOLD_BUILT_WITH

// Whether <httplib.h> was compared with what leasehold was built with; leasehold/httplib.hpp says.
template <class Http>
inline constexpr bool compared = false;

}  // namespace detail

// Thrown when an empty lease is used as if it held a client: a bug in the caller.
class LEASEHOLD_API EmptyLeaseError : public std::logic_error {
 public:
  explicit EmptyLeaseError(const Refusal& refusal);
  ~EmptyLeaseError() override;
};

// Exclusive use of one client until the lease is destroyed or released.
//
//   ClientLease lease = pool.try_acquire_for(50ms);
//   if (!lease) return reject(lease.refusal().sentence());
//   Outcome outcome = lease.send({.path = "/v2/clock"}, steady_clock::now() + 500ms);
//
// or, with <leasehold/httplib.hpp> in place of <httplib.h>, cpp-httplib's own calls:
//   httplib::Result answer = lease->Post("/v2/orders", body, "application/json");
//
// Promise: while the lease lives, no other thread has this client; whatever way the scope is left,
//   the client goes back, to the thread that has waited longest if there is one.
// Thread: one at a time. It may be moved to another thread, and it may outlive its pool: the client
//   stays usable, and the pool's memory is freed with the last lease.
// Cost: giving back is noexcept and allocates nothing; it makes no system call while nobody waits.
//   Exceptions: after a failed connect the socket is closed; on a closed pool the connection is;
//   and the last lease of a pool that is already destroyed frees all of the pool.
class [[nodiscard]] LEASEHOLD_API ClientLease {
 public:
  ClientLease() noexcept : ClientLease(Refusal{}) {}  // empty, with RefusalReason::none
  ClientLease(ClientLease&& other) noexcept { take(other); }
  ClientLease& operator=(ClientLease&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~ClientLease() {
    if (client_ != nullptr) home_->give_back(*client_);
  }

  // True if it holds a client.
  explicit operator bool() const noexcept { return client_ != nullptr; }

  // One request and its answer on the client's connection, all before `deadline`: leasehold's own,
  // in place of cpp-httplib's. The outcome says what became of the request, whatever happened; it
  // is never sent twice. A client without a connection connects first. A connection that had ended
  // before it was used makes it `not_sent` with cause `stale`, and is made anew by the next send().
  // The response is a view into the lease: valid until its next request, or its end; own() copies.
  // `stop`, when triggered, ends the request as fast as it can: it is in doubt from where the
  // server could have read of it. On an empty lease: not_sent.
  // Cost: one write, one wait and one read; one system call to look at the connection before.
  Outcome send(const Request& request, Deadline deadline,
               const std::stop_token& stop = {}) noexcept;
  Outcome send(const PreparedRequest& request, std::string_view body, Deadline deadline,
               const std::stop_token& stop = {}) noexcept;

  // The leased client, for cpp-httplib's own calls. Throws EmptyLeaseError if there is none
  // (refused, released or moved from).
  // Configure it where the pool is made, not here: settings changed through a lease stay changed
  // for the next user of this client.
  // Templates only so that they compile where leasehold/httplib.hpp is included, and nowhere else.
  template <class Http = httplib::SSLClient>
  Http* operator->() const {
    return &operator*<Http>();
  }
  template <class Http = httplib::SSLClient>
  Http& operator*() const {
    static_assert(detail::compared<Http>,
                  "leasehold was built with cpp-httplib " LEASEHOLD_BUILT_WITH_HTTPLIB
                  ": where a lease is used, include <leasehold/httplib.hpp> in place of "
                  "<httplib.h>; it compares the two");
    if (client_ == nullptr) throw EmptyLeaseError(refusal_);
    return detail::LEASEHOLD_BUILT_WITH::http_of(*client_);
  }

  // Gives the client back before the scope ends; the lease is empty then. On an empty
  // lease: nothing.
  void release() noexcept {
    if (detail::Client* const client = client_; client != nullptr) {
      detail::LeaseHome* const home = home_;
      client_ = nullptr;
      std::construct_at(&refusal_);
      home->give_back(*client);
    }
  }

  // Says that this client must not be used again, because what is on its connection can no longer
  // be trusted: an answer that belongs to another request, or that did not parse; and after an
  // exception out of a call on cpp-httplib < 0.12, which may have left half a request there. (A
  // request that merely failed needs no condemning: the client connects again.) Its connection is
  // cut now, without waiting for the peer, and the next thread to lease this client builds it anew
  // first. The lease stays and is released as ever. `reason` (cut to 63 bytes) is shown in the
  // pool's status. On an empty lease: nothing.
  void condemn(std::string_view reason) noexcept;

  // Why there is no client; reason none while there is one, and after release() or a move.
  Refusal refusal() const noexcept { return client_ != nullptr ? Refusal{} : refusal_; }

  // For sources of clients; engines get leases from ClientPool and ClientPerThread.
  ClientLease(detail::LeaseHome& home, detail::Client& client) noexcept
      : client_(&client), home_(&home) {}
  explicit ClientLease(const Refusal& refusal) noexcept : client_(nullptr), refusal_(refusal) {}

 private:
  friend class detail::LeasedSend;  // by which pools send through their leases

  Outcome send_either(const detail::OutgoingRequest& request, Deadline deadline,
                      const std::stop_token& stop) noexcept;
  void take(ClientLease& other) noexcept {
    client_ = other.client_;
    if (client_ == nullptr) {
      std::construct_at(&refusal_, other.refusal_);
    } else {
      home_ = other.home_;
      other.client_ = nullptr;
      std::construct_at(&other.refusal_);
    }
  }

  detail::Client* client_;
  union {
    detail::LeaseHome* home_;  // if there is a client
    Refusal refusal_;          // if there is none
  };
};

}  // namespace leasehold
