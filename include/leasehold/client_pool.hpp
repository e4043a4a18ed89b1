#pragma once

#include <cstddef>
#include <string_view>

#include "leasehold/acquire_options.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/refusal.hpp"
#include "leasehold/request.hpp"
#include "leasehold/settings.hpp"
#include "leasehold/status.hpp"

namespace leasehold {

namespace detail {
class PoolState;
}

// A fixed number of independent httplib::SSLClients to one origin, each leased to one thread at
// a time.
//
//   ClientPool pool({.origin = "https://api.alpaca.markets"}, {.name = "trading", .size = 16});
//   PreparedRequest place(Method::post, "/v2/orders", credentials_and_type);
//   ...in any thread:
//   Outcome outcome = pool.send(place, order_json, steady_clock::now() + 500ms);
//   ...or, for several requests in a row, and for cpp-httplib's own calls:
//   ClientLease lease = pool.acquire();
//
// Promises: a client is in exactly one place, idle or leased (never lost, never with two threads).
//   Waiting threads get clients in the order they came, within a lane; a newcomer never overtakes
//   one that waits. No I/O, no callback and no destructor runs under the pool's lock.
// Thread: every member may be called from any thread at any time, the destructor excepted.
// Cost: acquire and release allocate nothing (but for the client after a condemned one). While
//   clients are idle, a thread that comes back gets the client it used last with one
//   compare-and-swap and returns it with one exchange, without touching memory that other threads
//   write. Waiting costs a mutex, a look at the clients that may be idle, and one wake-up; a
//   refusal, the same look. A connected client costs some 50 KB and two file descriptors.
// Connections are made by the client's first request, in the requesting thread; a client whose
//   connection broke is given back like any other and connects again on its next request. While it
//   connects for send(), a thread beside holds the deadline, and the first one that looks up a name
//   does so in a thread of its own, which may outlive the pool while the resolver hangs.
// Fork: in a child process leases may end, and the pool may be closed and destroyed, which waits
//   for nothing and leaves the parent's connections alone. It is for nothing else there, for they
//   are the parent's: a child makes a pool of its own.
class LEASEHOLD_API ClientPool {
 public:
  // Builds all clients; connects none. Throws SettingsError (which names field, value and
  // expectation) for settings out of range and for a trust store that cannot be loaded,
  // and std::bad_alloc.
  explicit ClientPool(ClientSettings client, PoolSettings pool = {});

  // Closes the pool and returns at once: waiters are woken and refused (`closed`), leases that are
  // out stay valid and usable until given back. No thread may be entering a member function now;
  // those that wait in line already, or are inside close(), are safe. To drain first, call close().
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  // Waits in line up to settings().acquire_timeout, or until options.deadline. Throws AcquireError,
  // with the full diagnosis.
  ClientLease acquire(const AcquireOptions& options = {});

  // These never throw; an empty lease carries the reason (lease.refusal()).
  // Without waiting, and past no one: refused (none_idle) also while others wait in line, in
  // whichever lane.
  ClientLease try_acquire() noexcept;
  // Waits in line up to `timeout`; refused (timed_out) at once if that is zero or less.
  ClientLease try_acquire_for(Timeout timeout, const AcquireOptions& options = {}) noexcept;
  // Waits in line until `deadline`.
  ClientLease try_acquire_until(Deadline deadline, const AcquireOptions& options = {}) noexcept;

  // acquire, send and give back in one (see ClientLease::send()): the deadline is for all of it,
  // the wait in line too. The response has memory of its own: one allocation. A connection that had
  // ended before it was used is no outcome: the next idle client is taken, or connected anew.
  Outcome send(const Request& request, Deadline deadline,
               const AcquireOptions& options = {}) noexcept;
  Outcome send(const PreparedRequest& request, std::string_view body, Deadline deadline,
               const AcquireOptions& options = {}) noexcept;

  // Ends the pool for good: refuses all further acquires, wakes and refuses all waiters, waits
  // until `deadline` for leases to come back, then shuts down the connections of those still out,
  // so that their requests fail now instead of at their own timeouts; such a client connects no
  // more. (Of plain calls two things cannot be cut: name resolution, and a connection for which the
  // process had no second file descriptor.) Idempotent; concurrent calls are allowed, each waits
  // until its own deadline.
  CloseReport close(Deadline deadline) noexcept;
  bool closed() const noexcept;

  // Counts and totals; takes the pool's lock for a moment and allocates (the strings).
  PoolStatus status() const;

  const ClientSettings& client_settings() const noexcept;
  const PoolSettings& settings() const noexcept;
  std::size_t size() const noexcept;

 private:
  detail::PoolState* state_;  // freed by whoever is last: this object or the last lease
};

}  // namespace leasehold
