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
class PerThreadState;
}

// A client to one origin for each thread that asks for one: the thread's own until it ends. Nobody
// waits for a client.
//
//   ClientPerThread clients({.origin = "https://api.alpaca.markets"}, {.max_threads = 8});
//   PreparedRequest place(Method::post, "/v2/orders", credentials_and_type);
//   ...in any of 8 threads:
//   Outcome outcome = clients.send(place, order_json, steady_clock::now() + 500ms);
//
// For few threads that live long; a ClientPool is for all others. Both are a ClientSource.
//
// Promises: a thread gets the same client each time, and no other thread has it meanwhile. A thread
//   has one client: while its lease is out, wherever that is, the thread is refused another at once
//   (already_leased), for it would wait for itself. At most max_threads threads have one; the next
//   is refused at once (too_many_threads).
//   When a thread ends, the next new one gets its client, connection and all. A lease that is still
//   out then (it was moved to another thread, say) keeps the client until it ends. A thread that
//   acquires while its thread-local objects are being destroyed, or later, gets a client for that
//   lease only.
// Thread: every member may be called from any thread at any time, the destructor excepted. Threads
//   and sources may end in any order, and leases may outlive both.
// Cost: acquire and release make no system call and, from a thread's second acquire on, take no
//   lock and allocate nothing: one locked instruction together. A thread's first acquire takes a
//   lock and builds its client. A connected client costs what a pool's does, also when its thread
//   has ended. What is left of a source that has ended, 64 bytes for each of max_threads, a thread
//   that had a client drops when it next gets a new one elsewhere, or ends.
// Connections are made as a pool's: by the client's first request, in the requesting thread, and
//   again there after the connection broke.
// Fork: in a child process threads and leases may end, and this may be closed and destroyed, which
//   waits for nothing and leaves the parent's connections alone. It is for nothing else there, for
//   they are the parent's: a child makes clients of its own.
class LEASEHOLD_API ClientPerThread {
 public:
  // Builds and connects no client. Throws SettingsError (which names field, value and expectation)
  // for settings out of range and for a trust store that cannot be loaded, and std::bad_alloc.
  explicit ClientPerThread(ClientSettings client, PerThreadSettings settings = {});

  // Closes and returns at once: leases that are out stay valid and usable until given back. No
  // thread may be entering a member function now; those inside close() are safe, and threads that
  // have a client may live on. To drain first, call close().
  ~ClientPerThread();
  ClientPerThread(const ClientPerThread&) = delete;
  ClientPerThread& operator=(const ClientPerThread&) = delete;

  // Nobody waits: the times, and what AcquireOptions has of lane, stop and deadline, are taken so
  // that the calls are a pool's, and change nothing.

  // Throws AcquireError, with the full diagnosis.
  ClientLease acquire(const AcquireOptions& options = {});

  // These never throw; an empty lease carries the reason (lease.refusal()).
  ClientLease try_acquire() noexcept;
  ClientLease try_acquire_for(Timeout timeout, const AcquireOptions& options = {}) noexcept;
  ClientLease try_acquire_until(Deadline deadline, const AcquireOptions& options = {}) noexcept;

  // acquire, send and give back in one (see ClientLease::send()), before one deadline;
  // options.stop ends the request. The response has memory of its own: one allocation. A connection
  // that had ended before it was used is no outcome: the client connects anew.
  Outcome send(const Request& request, Deadline deadline,
               const AcquireOptions& options = {}) noexcept;
  Outcome send(const PreparedRequest& request, std::string_view body, Deadline deadline,
               const AcquireOptions& options = {}) noexcept;

  // Ends it for good: refuses all further acquires, waits until `deadline` for leases to come back,
  // then shuts down the connections of those still out, as ClientPool::close() does. An acquire at
  // this very moment may still succeed, with a client that is cut off. Idempotent; concurrent calls
  // are allowed, each waits until its own deadline.
  CloseReport close(Deadline deadline) noexcept;
  bool closed() const noexcept;

  // Counts and totals, as a pool's: the size is max_threads, what no thread leases is idle, built
  // or not, and nobody waits. Allocates.
  PoolStatus status() const;
  // Threads that have a client now, and leases that have outlived theirs.
  std::size_t threads() const noexcept;

  const ClientSettings& client_settings() const noexcept;
  const PerThreadSettings& settings() const noexcept;
  // max_threads.
  std::size_t size() const noexcept;

 private:
  detail::PerThreadState* state_;  // freed by whoever is last: this object or the last lease
};

}  // namespace leasehold
