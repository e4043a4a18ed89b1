#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

#include "leasehold/acquire_options.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "leasehold/settings.hpp"
#include "leasehold/status.hpp"

namespace leasehold {

// What lends clients to threads: ClientPool, and ClientPerThread. An engine that is written for any
// of them changes its mind in one line:
//
//   template <ClientSource Source>
//   class Desk {
//    public:
//     explicit Desk(Source& source) : source_(source) {}
//     Outcome place(std::string_view json) { return source_.send(order_, json, in(500ms)); }
//     …
//   };
//
// Beyond the signatures, each of them promises:
//   Acquiring: acquire() throws AcquireError where the others return an empty lease that says why.
//     A time given to any of them is the most that it waits; it may refuse sooner.
//   Leases: exclusive; they may be moved to another thread and may outlive their source. Giving
//     back cannot fail.
//   Sending: acquire, send and give back in one, before one deadline. Nothing is ever sent twice,
//     and a stale connection is no outcome.
//   Closing: refuses all who come later, waits for leases until its deadline, cuts off the rest.
//   Counting: in status() and in every refusal, idle + leased = size.
// Thread: every member may be called from any thread at any time, the destructor excepted.
//
// Not promised: that a thread may have two leases at once (of a ClientPerThread it may not), and
// how a source is made. That is for who chooses one.
template <class Source>
concept ClientSource = requires(Source& source, const Source& same, Timeout timeout, Deadline by,
                                const Request& request, const PreparedRequest& prepared,
                                std::string_view body, const AcquireOptions& options) {
  { source.acquire(options) } -> std::same_as<ClientLease>;
  { source.try_acquire() }
  noexcept->std::same_as<ClientLease>;
  { source.try_acquire_for(timeout, options) }
  noexcept->std::same_as<ClientLease>;
  { source.try_acquire_until(by, options) }
  noexcept->std::same_as<ClientLease>;
  { source.send(request, by, options) }
  noexcept->std::same_as<Outcome>;
  { source.send(prepared, body, by, options) }
  noexcept->std::same_as<Outcome>;
  { source.close(by) }
  noexcept->std::same_as<CloseReport>;
  { same.closed() }
  noexcept->std::same_as<bool>;
  { same.status() } -> std::same_as<PoolStatus>;
  { same.client_settings() }
  noexcept->std::same_as<const ClientSettings&>;
  { same.size() }
  noexcept->std::same_as<std::size_t>;

  // Options may be left out.
  source.acquire();
  source.try_acquire_for(timeout);
  source.try_acquire_until(by);
  source.send(request, by);
  source.send(prepared, body, by);
};

}  // namespace leasehold
