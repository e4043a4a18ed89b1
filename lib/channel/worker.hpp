#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "channel/submission.hpp"
#include "client/client.hpp"
#include "leasehold/outcome.hpp"
#include "system/clock.hpp"
#include "system/unique_fd.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// What passes between a worker and the channel each time the worker has the channel's lock.
struct Hand {
  // To the channel.
  std::size_t free = 0;  // clients that a request could have
  Submissions ended;     // with their outcomes, to be counted
  Submissions in_order;  // ordered ones that were told: the next of their tenants may begin
  // From the channel.
  Submissions begun;            // as many as there are free clients, at most
  Submissions to_tell;          // counted
  Submissions told;             // to be freed
  Cause cut = Cause::none;      // all that is under way is to end by this
  bool any_stopped = false;     // some that are under way: those with stop_wanted
  TimePoint alarm = kNever;     // when the first that waits is late
  std::uint64_t published = 0;  // what the channel's counts were
  std::uint64_t left_over = 0;
  bool over = false;  // there is nothing more to come
};

// One thread that drives many round trips: all those on its clients. It waits in one place, for
// whichever of the sockets has news, or for the bell.
//
// Nothing that it does waits for a peer. Connecting does, and is done by a thread for each client
// that connects, for that long.
//
// Thread: ring() and ring_if_asleep() from any; the rest is its own.
class Worker {
 public:
  // `channel` outlives it. Its clients have numbers from `first` on. Throws std::system_error and
  // std::bad_alloc.
  Worker(ChannelState& channel, const ClientBlueprint& blueprint, const Clock& clock,
         std::uint32_t first, std::size_t clients);
  // REQUIRES: joined, or never started.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Throws std::system_error.
  void start();
  void join() noexcept;
  std::thread::id thread() const noexcept { return thread_.get_id(); }

  // Makes it look around, now or as soon as it is awake.
  void ring() const noexcept;
  // How a worker sleeps: with a client to spare, so that a new request is its business; or until a
  // certain time, so that only one that is late before is.
  enum class Sleep : std::uint8_t { awake, in_time, too_long, idle };
  Sleep how_asleep(TimePoint deadline) const noexcept {
    const TimePoint::rep until = sleeps_until_.load(std::memory_order_seq_cst);
    if (until == kAwake) return Sleep::awake;
    if (until == kIdle) return Sleep::idle;
    return deadline.time_since_epoch().count() < until ? Sleep::too_long : Sleep::in_time;
  }
  // Rings, once for each time it falls asleep. False if it is awake, or was rung for already.
  bool ring_if_asleep() noexcept;

  std::uint64_t handshakes() const noexcept;

  bool any_stopped = false;  // of its requests, since the last exchange; guarded by its lock

 private:
  // A client and the request that it has.
  struct Slot {
    std::unique_ptr<Client> client;
    Submission* submission = nullptr;
    std::uint32_t generation = 0;  // of the connection, for news of those before
    bool listed = false;           // in again_
    bool readable = false;         // epoll has told of something that may not have been read
    // While it connects.
    std::thread connector = {};
    std::optional<Fault> fault = {};      // the connector's, until `connected`
    Cause give_up = Cause::none;          // why the worker has interrupted it
    std::atomic<bool> connected = false;  // release: the fault; acquire: by the worker
    bool connects() const noexcept { return connector.joinable(); }
  };

  // A time that no deadline is.
  static constexpr TimePoint::rep kAwake = TimePoint::min().time_since_epoch().count();
  static constexpr TimePoint::rep kIdle = TimePoint::max().time_since_epoch().count();

  void run() noexcept;
  void await_news(bool pending) noexcept;
  // Waits for news until then, and acts on it.
  void look(TimePoint until) noexcept;
  void hear(const epoll_event& event) noexcept;
  void answer_bell() noexcept;

  void begin(Submission& submission, bool may_connect) noexcept;
  void resume(Submission& submission) noexcept;
  void connect(Slot& slot, Submission& submission) noexcept;
  void connected(Slot& slot) noexcept;
  bool register_socket(Slot& slot) noexcept;
  void go_on(Slot& slot) noexcept;
  void finish(Slot& slot) noexcept;
  void end(Slot& slot, Outcome outcome) noexcept;
  // Of one that has no client.
  void end(Submission& submission, Fault fault) noexcept;
  void put_back(Slot& slot) noexcept;
  void check_idle(Slot& slot) noexcept;
  void end_late(TimePoint now) noexcept;
  void end_interrupted() noexcept;
  void tell() noexcept;
  void wake() noexcept;

  ChannelState& channel_;
  const Clock& clock_;
  UniqueFd epoll_;
  UniqueFd bell_;
  std::vector<std::unique_ptr<Slot>> slots_;
  // Those without a request: connected ones, the last used last; and the others. Capacity reserved.
  std::vector<Slot*> warm_;
  std::vector<Slot*> cold_;
  std::vector<Slot*> again_;        // under way, and could go on at once
  std::vector<WakeSignal*> wakes_;  // of those who wait for what was told
  std::size_t connecting_ = 0;
  Submissions resumed_;            // a client has connected for them
  TimePoint first_late_ = kNever;  // no request under way is late before
  Hand hand_;

  // Until when it sleeps. Written by the worker, and by who rings; with the channel's published_.
  std::atomic<TimePoint::rep> sleeps_until_{kAwake};

  std::thread thread_;
};

}  // namespace leasehold::detail
