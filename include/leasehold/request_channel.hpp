#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <stop_token>
#include <string_view>

#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "leasehold/response_channel.hpp"
#include "leasehold/settings.hpp"
#include "leasehold/status.hpp"

namespace leasehold {

namespace detail {
class ChannelState;
}

// How a request is submitted; all of it is optional.
struct SubmitOptions {
  // Urgent requests are begun before normal ones.
  Lane lane = Lane::normal;
  // For whom it is, by a number of the caller's choosing: whose ordered requests these are.
  std::uint64_t tenant = 0;
  // Of a tenant's ordered requests, whatever their lanes, each begins only when the one submitted
  // before it has ended, its callback included. Its other requests do not wait for that.
  bool ordered = false;
  // Triggered before the request has begun, it never will (not_sent, `stopped`); after that it ends
  // the request as lease.send()'s does.
  std::stop_token stop = {};
};

// What try_submit() has come to: the outcome to come, or why there will be none.
struct [[nodiscard]] Submitted {
  std::future<Outcome> outcome = {};  // valid if it was accepted
  Fault fault = {};                   // cause none if it was accepted

  explicit operator bool() const noexcept { return fault.cause == Cause::none; }
};

// Requests that engine threads submit, and threads of the channel's send: an engine thread never
// waits for a client, a connection or an answer.
//
//   RequestChannel channel({.origin = "https://api.alpaca.markets"}, {.clients = 16});
//   ...in any thread:
//   std::future<Outcome> outcome = channel.submit(place, order_json, steady_clock::now() + 500ms);
//   channel.submit(place, order_json, deadline, [](Outcome outcome) { book(std::move(outcome)); });
//   channel.submit(cancel, "", deadline, responses, id, {.lane = Lane::urgent});
//
// The outcome comes by a future, by a callback, or to a ResponseChannel: once for each request,
// whatever happens. Its response has memory of its own.
// Promises: a request is copied when it is submitted. It begins in the order of submission within
//   its lane (ordered ones in their turn): one whose submit() had returned before another's was
//   called is given a client before it. Only `ordered` ones reach the server in that order: a
//   client may have to connect first. It is sent at most once, as ClientPool::send() sends. Its
//   deadline counts from its submission: one that has not begun by then never will, and is told so
//   then (not_sent, `deadline`), though all clients are busy. Cancelled before it has begun, it is
//   never sent.
//   At most `capacity` requests wait to be begun; one more is refused at once (not_sent,
//   `channel_full`). try_submit() returns that; submit() gives it to future, callback or
//   ResponseChannel, before it returns. The same for all else that cannot be accepted: `closed`,
//   `deadline`, `stopped`, `invalid_request`, `out_of_resources`, `forked`.
// Callbacks run in a worker's thread, but for refusals, which are the caller's own. They hold no
//   lock and may submit. While one runs, its worker does nothing else: so they are short, or hand
//   on; status() tells how long the longest has taken. One that throws is counted, and harms
//   nobody. They may neither wait for another outcome of the channel's nor destroy it.
// Thread: every member may be called from any thread at any time, the destructor excepted.
// Cost: submitting makes two allocations and takes no lock; a system call only if a worker sleeps
//   that should not. Each worker drives all requests on its clients by one epoll loop: one write
//   and one read a request, and one wake-up for many answers. Connections are made when the load
//   needs them, by two threads that live for that long, so that nobody else's request waits.
// Fork: in a child process everything is refused (`forked`), and the parent's requests go on.
class LEASEHOLD_API RequestChannel {
 public:
  // What is done with an outcome. Called once.
  using Callback = std::function<void(Outcome)>;

  // Builds all clients; connects none. Throws SettingsError (which names field, value and
  // expectation) for settings out of range and for a trust store that cannot be loaded,
  // std::system_error if there are no threads or descriptors for the workers, and std::bad_alloc.
  explicit RequestChannel(ClientSettings client, ChannelSettings settings = {});

  // Closes at once: what waits is not sent, what is under way is interrupted; returns when each has
  // its outcome. To drain first, call close(). No thread may be in a member function now.
  ~RequestChannel();
  RequestChannel(const RequestChannel&) = delete;
  RequestChannel& operator=(const RequestChannel&) = delete;

  // The future has a value in any case. Throw std::bad_alloc if there can be no future.
  std::future<Outcome> submit(const Request& request, Deadline deadline,
                              const SubmitOptions& options = {});
  std::future<Outcome> submit(const PreparedRequest& request, std::string_view body,
                              Deadline deadline, const SubmitOptions& options = {});
  // `on_outcome` is called in any case. REQUIRES: it is not empty.
  void submit(const Request& request, Deadline deadline, Callback on_outcome,
              const SubmitOptions& options = {}) noexcept;
  void submit(const PreparedRequest& request, std::string_view body, Deadline deadline,
              Callback on_outcome, const SubmitOptions& options = {}) noexcept;
  // The outcome arrives at `responses` in any case, under this number of the caller's. Throw
  // std::bad_alloc if there is no room for it to arrive.
  void submit(const Request& request, Deadline deadline, ResponseChannel& responses,
              std::uint64_t id, const SubmitOptions& options = {});
  void submit(const PreparedRequest& request, std::string_view body, Deadline deadline,
              ResponseChannel& responses, std::uint64_t id, const SubmitOptions& options = {});

  // The same, but what is not accepted is told by what they return, and nowhere else: there is no
  // outcome then, and no call.
  Submitted try_submit(const Request& request, Deadline deadline,
                       const SubmitOptions& options = {});
  Submitted try_submit(const PreparedRequest& request, std::string_view body, Deadline deadline,
                       const SubmitOptions& options = {});
  [[nodiscard]] Fault try_submit(const Request& request, Deadline deadline, Callback on_outcome,
                                 const SubmitOptions& options = {}) noexcept;
  [[nodiscard]] Fault try_submit(const PreparedRequest& request, std::string_view body,
                                 Deadline deadline, Callback on_outcome,
                                 const SubmitOptions& options = {}) noexcept;
  [[nodiscard]] Fault try_submit(const Request& request, Deadline deadline,
                                 ResponseChannel& responses, std::uint64_t id,
                                 const SubmitOptions& options = {});
  [[nodiscard]] Fault try_submit(const PreparedRequest& request, std::string_view body,
                                 Deadline deadline, ResponseChannel& responses, std::uint64_t id,
                                 const SubmitOptions& options = {});

  // Ends it for good: refuses all further requests, has those that are there done until `deadline`;
  // then ends those that wait (not_sent, `closed`) and interrupts those under way (`closed`), and
  // returns when each has its outcome, callbacks included. Called from a callback it does not wait:
  // what is there goes on until the deadline of another close(), or the destructor. Idempotent;
  // concurrent calls are allowed, each cuts at its own deadline what is still there.
  ChannelCloseReport close(Deadline deadline) noexcept;
  bool closed() const noexcept;

  // Takes the channel's lock for a moment and allocates (the strings).
  ChannelStatus status() const;

  const ClientSettings& client_settings() const noexcept;
  const ChannelSettings& settings() const noexcept;

 private:
  detail::ChannelState* state_;  // a child process leaves it alone
};

}  // namespace leasehold
