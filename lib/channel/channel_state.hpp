#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "channel/chain.hpp"
#include "channel/intake.hpp"
#include "channel/reply.hpp"
#include "channel/request_line.hpp"
#include "channel/submission.hpp"
#include "channel/worker.hpp"
#include "client/client_factory.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request_channel.hpp"
#include "leasehold/settings.hpp"
#include "system/clock.hpp"
#include "system/fork_mark.hpp"
#include "system/mutex.hpp"
#include "system/wake_signal.hpp"
#include "wire/request_text.hpp"

namespace leasehold::detail {

// What a RequestChannel and its workers share: the requests that have no client yet, and the counts
// of all. It does no I/O.
//
// A request is in the intake, in the line, or with a worker; who moves it holds the lock, but for
// its way into the intake. What it costs to send and to tell is done outside of it.
//
// Why none is forgotten: who submits puts the request into the intake, counts it in `published_`,
// and then reads how the workers sleep. A worker says how it will sleep, and then reads
// `published_`: if that is not what it was at its last exchange, it does not. Both sequentially
// consistent, so one of the two sees the other. The same with `left_over_`, for what one worker
// leaves in the line and another, with a client to spare, could begin.
// Why each has one outcome: the stage is changed under the lock, and who ends a request, or begins
// it, takes it out of where it was.
//
// Lifetime: made with make(), let go with abandon(). In a child process it is left alone.
class ChannelState {
 public:
  // Throws what RequestChannel's constructor does.
  static ChannelState* make(ClientSettings client, ChannelSettings settings,
                            const Clock& clock = kSteadyClock);
  ChannelState(const ChannelState&) = delete;
  ChannelState& operator=(const ChannelState&) = delete;

  // --- for engine threads ---

  // Cause none: accepted, and the reply is taken. Else it is untouched.
  Fault submit(const OutgoingRequest& request, Deadline deadline, const SubmitOptions& options,
               Reply& reply) noexcept;
  // The outcome of what was not accepted, in this thread.
  void refuse(Reply& reply, Fault fault) noexcept;
  // The user's token was triggered.
  void stop(Submission& submission) noexcept;

  ChannelCloseReport close(TimePoint deadline) noexcept;
  void abandon() noexcept;
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  ChannelStatus status();
  const ClientSettings& client_settings() const noexcept { return blueprint_.settings; }
  const ChannelSettings& settings() const noexcept { return settings_; }

  // --- for workers ---

  // Counts what has ended, and gives the worker what it is to do.
  void exchange(Worker& worker, Hand& hand) noexcept;
  // Whether there was news since the exchange, for a worker that is about to sleep.
  bool has_news(const Hand& hand, bool idle) const noexcept {
    return published_.load(std::memory_order_seq_cst) != hand.published ||
           (idle && left_over_.load(std::memory_order_seq_cst) != hand.left_over);
  }
  // Of a request under way; none if it is to go on.
  Cause why_interrupted(Submission& submission, Cause cut) noexcept;
  // Whom the worker is to wake when it has told all, or null.
  WakeSignal* tell(Submission& submission) noexcept;
  // So many have been told, and are no more.
  void let_go(std::size_t requests) noexcept;

 private:
  // A thread in close().
  struct Closer {
    WakeSignal signal = {};
    Closer* previous = nullptr;
    Closer* next = nullptr;
  };

  ChannelState(ClientSettings client, ChannelSettings settings, const Clock& clock);
  // Deletes itself after it has joined its threads.
  ~ChannelState() = default;

  bool in_own_thread() const noexcept;
  Fault take_in(const OutgoingRequest& request, TimePoint deadline, const SubmitOptions& options,
                Reply& reply) noexcept;
  Cause admit() noexcept;
  void take_back() noexcept;
  void announce(TimePoint deadline, const std::stop_token& stop) noexcept;
  void rouse() noexcept;
  bool ring_idle(const Worker* but) noexcept;
  void ring_all() noexcept;
  void cut_all() noexcept;
  WakeSignal* deliver(Reply& reply, Outcome outcome) noexcept;

  void drain() noexcept LEASEHOLD_REQUIRES(mutex_);
  void enter(Submission& submission) noexcept LEASEHOLD_REQUIRES(mutex_);
  void leave_line(Submission& submission, Cause cause) noexcept LEASEHOLD_REQUIRES(mutex_);
  void end_line(TimePoint now) noexcept LEASEHOLD_REQUIRES(mutex_);
  std::uint64_t& count_of(Fate fate) noexcept LEASEHOLD_REQUIRES(mutex_) {
    return fates_[static_cast<std::size_t>(fate)];
  }
  std::uint64_t ended_count() const noexcept LEASEHOLD_REQUIRES(mutex_) {
    return std::accumulate(fates_.begin(), fates_.end(), std::uint64_t{0});
  }
  bool over() const noexcept {
    return closed_.load(std::memory_order_seq_cst) && open_.load(std::memory_order_seq_cst) == 0;
  }

  // Constant after construction.
  const ForkMark fork_mark_;
  const ClientBlueprint blueprint_;
  const ChannelSettings settings_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Worker>> workers_;

  // Synchronised by itself.
  Intake intake_;

  // Written by who submits.
  std::atomic<std::uint64_t> numbers_{0};    // the order of submission; see submit() and drain()
  std::atomic<std::uint64_t> published_{0};  // with Worker's sleeps_until_: see above
  std::atomic<std::size_t> waiting_{0};      // not begun; a bound, nothing is published with it
  std::atomic<std::uint64_t> refused_{0};    // a count
  // Accepted and not told yet. With closed_: who submits raises it and then reads closed_, who
  // closes sets closed_ and then reads it, so that one of the two sees the other.
  std::atomic<std::size_t> open_{0};

  // Written under mutex_, read without.
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> left_over_{0};  // with Worker's sleeps_until_: see above

  mutable Mutex mutex_;
  RequestLine line_ LEASEHOLD_GUARDED_BY(mutex_);
  Submissions ended_ LEASEHOLD_GUARDED_BY(mutex_);          // those that never began, counted
  std::uint64_t drained_ LEASEHOLD_GUARDED_BY(mutex_) = 0;  // published_, at the last drain()
  Chain<Closer> closers_ LEASEHOLD_GUARDED_BY(mutex_);
  bool cutting_ LEASEHOLD_GUARDED_BY(mutex_) = false;  // nothing begins any more
  std::size_t under_way_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
  std::uint64_t submitted_ LEASEHOLD_GUARDED_BY(mutex_) = 0;           // those found in the intake
  std::array<std::uint64_t, 3> fates_ LEASEHOLD_GUARDED_BY(mutex_){};  // by Fate
  std::size_t dropped_ LEASEHOLD_GUARDED_BY(mutex_) = 0;               // by close()
  std::size_t cut_off_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
  std::uint64_t callback_failures_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
  // Its capacity is reserved: noting a failure allocates nothing.
  std::string last_callback_failure_ LEASEHOLD_GUARDED_BY(mutex_);
  std::chrono::nanoseconds longest_callback_ LEASEHOLD_GUARDED_BY(mutex_){0};
};

}  // namespace leasehold::detail
