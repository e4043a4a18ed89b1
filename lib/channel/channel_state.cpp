#include "channel/channel_state.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <thread>
#include <utility>

namespace leasehold::detail {
namespace {

constexpr std::size_t kFailureBytes = 127;

// Of tenants with ordered requests: more than an engine has, as a rule.
constexpr std::size_t kBuckets = 256;

Fault in_line(Cause cause) noexcept { return {.phase = Phase::wait, .cause = cause}; }

}  // namespace

void Submission::OnStop::operator()() const noexcept { channel->stop(*submission); }

// --- making and ending ---

ChannelState::ChannelState(ClientSettings client, ChannelSettings settings, const Clock& clock)
    : blueprint_(std::move(client)),
      settings_((validate(settings), std::move(settings))),
      clock_(clock),
      line_(kBuckets) {
  last_callback_failure_.reserve(kFailureBytes);
  workers_.reserve(settings_.workers);
  std::size_t first = 0;
  for (std::size_t i = 0; i < settings_.workers; ++i) {
    const std::size_t end = settings_.clients * (i + 1) / settings_.workers;
    workers_.push_back(std::make_unique<Worker>(*this, blueprint_, clock_,
                                                static_cast<std::uint32_t>(first), end - first));
    first = end;
  }
}

ChannelState* ChannelState::make(ClientSettings client, ChannelSettings settings,
                                 const Clock& clock) {
  auto* const state = new ChannelState(std::move(client), std::move(settings), clock);
  try {
    for (const auto& worker : state->workers_) worker->start();
  } catch (...) {
    state->abandon();
    throw;
  }
  return state;
}

void ChannelState::abandon() noexcept {
  if (fork_mark_.forked()) return;
  static_cast<void>(close(TimePoint::min()));
  for (const auto& worker : workers_) worker->join();
  delete this;
}

bool ChannelState::in_own_thread() const noexcept {
  return std::ranges::any_of(workers_, [self = std::this_thread::get_id()](const auto& worker) {
    return worker->thread() == self;
  });
}

// --- submitting ---

Fault ChannelState::submit(const OutgoingRequest& request, Deadline deadline,
                           const SubmitOptions& options, Reply& reply) noexcept {
  if (fork_mark_.forked()) [[unlikely]]
    return {.phase = Phase::prepare, .cause = Cause::forked};
  Fault fault = take_in(request, deadline.at(), options, reply);
  if (fault.cause != Cause::none) refused_.fetch_add(1, std::memory_order_relaxed);
  return fault;
}

Fault ChannelState::take_in(const OutgoingRequest& request, TimePoint deadline,
                            const SubmitOptions& options, Reply& reply) noexcept {
  if (deadline <= clock_.now()) return in_line(Cause::deadline);
  if (options.stop.stop_requested()) return in_line(Cause::stopped);
  // Nor are those in close() disturbed by who goes on submitting.
  if (closed()) return in_line(Cause::closed);
  std::string text;
  try {
    if (std::string problem = request.render(text, blueprint_.own_lines); !problem.empty()) {
      return {
          .phase = Phase::prepare, .cause = Cause::invalid_request, .detail = std::move(problem)};
    }
  } catch (const std::bad_alloc&) {
    return {.phase = Phase::prepare, .cause = Cause::out_of_resources};
  }
  // What is refused for itself takes nobody's place.
  if (const Cause cause = admit(); cause != Cause::none) return in_line(cause);
  // Drawn before the request can be seen: who has been told that it was submitted, and submits
  // another, draws a higher number. Release: with the acquire in drain(), which then finds what
  // the caller had submitted before.
  const std::uint64_t number = numbers_.fetch_add(1, std::memory_order_release);
  auto* const accepted =
      new (std::nothrow) Submission(Queued{.number = number,
                                           .deadline = deadline,
                                           .lane = options.lane,
                                           .tenant = options.tenant,
                                           .ordered = options.ordered},
                                    std::move(text), request.method(), std::move(reply));
  if (accepted == nullptr) {
    take_back();
    return {.phase = Phase::prepare, .cause = Cause::out_of_resources};
  }
  if (options.stop.stop_possible()) {
    accepted->on_stop.emplace(options.stop, Submission::OnStop{this, accepted});
  }
  if (!intake_.push(accepted)) {
    // No memory for the intake, or for this thread's place there, ever: the line needs none.
    const MutexLock lock(mutex_);
    enter(*accepted);
  }
  announce(deadline, options.stop);  // it may be gone already
  return {};
}

// Counted as waiting and open if there is no cause against it.
Cause ChannelState::admit() noexcept {
  std::size_t waiting = waiting_.load(std::memory_order_relaxed);
  do {
    if (waiting == settings_.capacity) return Cause::channel_full;
  } while (!waiting_.compare_exchange_weak(waiting, waiting + 1, std::memory_order_relaxed));
  open_.fetch_add(1, std::memory_order_seq_cst);
  if (!closed_.load(std::memory_order_seq_cst)) return Cause::none;
  take_back();
  return Cause::closed;
}

void ChannelState::take_back() noexcept {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  let_go(1);
}

void ChannelState::announce(TimePoint deadline, const std::stop_token& stop) noexcept {
  const std::uint64_t number = published_.fetch_add(1, std::memory_order_seq_cst);
  Worker* for_deadline = nullptr;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = *workers_[(number + i) % workers_.size()];
    switch (worker.how_asleep(deadline)) {
      case Worker::Sleep::idle:
        if (worker.ring_if_asleep()) return;
        break;  // it is awake, and will look
      case Worker::Sleep::too_long:
        for_deadline = &worker;
        continue;
      case Worker::Sleep::awake:
      case Worker::Sleep::in_time:
        break;
    }
  }
  // All clients are busy. Somebody must be there when it is late, or say now that it was stopped
  // (before it was counted: else stop() has seen to that).
  if (stop.stop_requested()) return rouse();
  if (for_deadline != nullptr) for_deadline->ring_if_asleep();
}

// Somebody is to look around: one that sleeps, or the first that is about to.
void ChannelState::rouse() noexcept {
  published_.fetch_add(1, std::memory_order_seq_cst);
  std::ranges::any_of(workers_, [](const auto& worker) { return worker->ring_if_asleep(); });
}

// A worker that sleeps with a client to spare, if there is one.
bool ChannelState::ring_idle(const Worker* but) noexcept {
  return std::ranges::any_of(workers_, [but](const auto& worker) {
    return worker.get() != but && worker->how_asleep(kNever) == Worker::Sleep::idle &&
           worker->ring_if_asleep();
  });
}

void ChannelState::ring_all() noexcept {
  for (const auto& worker : workers_) worker->ring();
}

void ChannelState::refuse(Reply& reply, Fault fault) noexcept {
  if (WakeSignal* const waits = deliver(reply, {Fate::not_sent, std::move(fault)})) waits->set();
}

// --- the line ---

// Into the line, whatever was submitted before this call.
void ChannelState::drain() noexcept {
  const std::uint64_t published = published_.load(std::memory_order_seq_cst);
  if (published == drained_) return;
  // Before the look. Acquire: with the release in submit(). Of two that were submitted one after
  // the other the look may miss the first and find the second, whose number is not below this one
  // then.
  const std::uint64_t number = numbers_.load(std::memory_order_acquire);
  intake_.take([this](Submission& submission) {
    mutex_.is_held();
    enter(submission);
  });
  line_.note_complete(number);
  drained_ = published;
}

// Into the line, if it may still begin.
void ChannelState::enter(Submission& submission) noexcept {
  ++submitted_;
  if (submission.stop_wanted || cutting_) {
    leave_line(submission, submission.stop_wanted ? Cause::stopped : Cause::closed);
  } else {
    line_.add(submission);
  }
}

// REQUIRES: it is not in the line any more.
void ChannelState::leave_line(Submission& submission, Cause cause) noexcept {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  submission.stage = Queued::Stage::ended;
  submission.outcome.emplace(Fate::not_sent, in_line(cause));
  ++count_of(Fate::not_sent);
  if (cause == Cause::closed) ++dropped_;
  ended_.push(submission);
}

// Of those that will not begin any more.
void ChannelState::end_line(TimePoint now) noexcept {
  while (auto* const late = line_.remove_expired(now)) {
    leave_line(static_cast<Submission&>(*late), Cause::deadline);
  }
  if (!cutting_) return;
  while (auto* const dropped = line_.remove_any()) {
    leave_line(static_cast<Submission&>(*dropped), Cause::closed);
  }
}

void ChannelState::stop(Submission& submission) noexcept {
  if (fork_mark_.forked()) return;
  const Worker* begun_by = nullptr;
  {
    const MutexLock lock(mutex_);
    switch (submission.stage) {
      case Queued::Stage::intake:
        submission.stop_wanted = true;  // it is ended as soon as it is found there
        break;
      case Queued::Stage::queued:
        line_.remove(submission);
        leave_line(submission, Cause::stopped);
        break;
      case Queued::Stage::begun:
        submission.stop_wanted = true;
        submission.worker->any_stopped = true;
        begun_by = submission.worker;
        break;
      case Queued::Stage::ended:
        return;
    }
  }
  if (begun_by != nullptr) {
    begun_by->ring();
  } else {
    rouse();  // to tell it
  }
}

// --- working ---

void ChannelState::exchange(Worker& worker, Hand& hand) noexcept {
  bool leaves_some = false;
  {
    const MutexLock lock(mutex_);
    for (Submission* each = hand.ended.first(); each != nullptr; each = each->next) {
      --under_way_;
      ++count_of(each->outcome->fate());
      if (each->cut_off) ++cut_off_;
    }
    hand.to_tell.append(hand.ended);
    while (Submission* const told = hand.in_order.pop()) {
      line_.end(*told);
      hand.told.push(*told);
    }
    drain();
    end_line(clock_.now());
    hand.to_tell.append(ended_);
    for (; hand.free != 0; --hand.free) {
      auto* const next = static_cast<Submission*>(line_.begin_next());
      if (next == nullptr) break;
      next->worker = &worker;
      waiting_.fetch_sub(1, std::memory_order_relaxed);
      ++under_way_;
      hand.begun.push(*next);
    }
    if (line_.one_could_begin() && workers_.size() > 1) {
      left_over_.fetch_add(1, std::memory_order_seq_cst);
      leaves_some = true;
    }
    hand.alarm = line_.earliest_deadline();
    hand.any_stopped = std::exchange(worker.any_stopped, false);
    hand.cut = cutting_ ? Cause::closed : Cause::none;
    hand.published = drained_;
    hand.left_over = left_over_.load(std::memory_order_relaxed);
    hand.over = over();
  }
  if (leaves_some) ring_idle(&worker);
}

Cause ChannelState::why_interrupted(Submission& submission, Cause cut) noexcept {
  const MutexLock lock(mutex_);
  if (submission.stop_wanted) return Cause::stopped;
  if (cut != Cause::none) submission.cut_off = true;
  return cut;
}

WakeSignal* ChannelState::tell(Submission& submission) noexcept {
  submission.on_stop.reset();
  const bool timed = submission.reply.is_callback();
  const TimePoint begun = timed ? clock_.now() : TimePoint();
  WakeSignal* const waits = deliver(submission.reply, *std::move(submission.outcome));
  if (!timed) return waits;
  const auto took = clock_.now() - begun;
  const MutexLock lock(mutex_);
  longest_callback_ = std::max(longest_callback_, took);
  return nullptr;
}

WakeSignal* ChannelState::deliver(Reply& reply, Outcome outcome) noexcept {
  const auto note = [this](std::string_view what) {
    if (fork_mark_.forked()) return;  // the lock may be held by a thread that is not there
    const MutexLock lock(mutex_);
    ++callback_failures_;
    last_callback_failure_.assign(what.substr(0, kFailureBytes));
  };
  try {
    return reply.deliver(std::move(outcome));
  } catch (const std::exception& error) {
    note(error.what());
  } catch (...) {
    note("not a std::exception");
  }
  return nullptr;
}

void ChannelState::let_go(std::size_t requests) noexcept {
  if (open_.fetch_sub(requests, std::memory_order_seq_cst) != requests) return;
  if (!closed_.load(std::memory_order_seq_cst)) return;
  {
    const MutexLock lock(mutex_);
    for (Closer* closer = closers_.first(); closer != nullptr; closer = closer->next) {
      closer->signal.nudge();
    }
  }
  ring_all();
}

// --- closing ---

void ChannelState::cut_all() noexcept {
  {
    const MutexLock lock(mutex_);
    cutting_ = true;
    drain();
    end_line(TimePoint::min());
  }
  ring_all();
}

ChannelCloseReport ChannelState::close(TimePoint deadline) noexcept {
  if (fork_mark_.forked()) return {};
  ChannelCloseReport report;
  std::uint64_t ended_before = 0;
  std::size_t dropped_before = 0;
  std::size_t cut_off_before = 0;
  Closer self;
  const bool waits = !in_own_thread();
  {
    const MutexLock lock(mutex_);
    closed_.store(true, std::memory_order_seq_cst);
    ended_before = ended_count();
    dropped_before = dropped_;
    cut_off_before = cut_off_;
    if (waits) closers_.push(self);
  }
  ring_all();
  for (bool in_time = true; waits && !over();) {
    const WakeSignal::Woken woken = clock_.wait_until(self.signal, in_time ? deadline : kNever);
    if (in_time && !over() && (woken == WakeSignal::Woken::timed_out || clock_.now() >= deadline)) {
      in_time = false;
      cut_all();
    }
  }
  const MutexLock lock(mutex_);
  if (waits) closers_.remove(self);
  report.dropped = dropped_ - dropped_before;
  report.cut_off = cut_off_ - cut_off_before;
  report.drained =
      static_cast<std::size_t>(ended_count() - ended_before) - report.dropped - report.cut_off;
  report.submitted = submitted_;
  report.answered = count_of(Fate::answered);
  report.not_sent = count_of(Fate::not_sent);
  report.in_doubt = count_of(Fate::in_doubt);
  return report;
}

// --- asking ---

ChannelStatus ChannelState::status() {
  ChannelStatus status;
  status.name = settings_.name;
  status.origin = blueprint_.settings.origin;
  status.workers = settings_.workers;
  status.clients = settings_.clients;
  status.capacity = settings_.capacity;
  status.refused = refused_.load(std::memory_order_relaxed);
  status.closed = closed();
  for (const auto& worker : workers_) status.handshakes += worker->handshakes();
  if (fork_mark_.forked()) return status;  // its lock may be held by a thread that is not there
  bool tells_some = false;
  {
    const MutexLock lock(mutex_);
    drain();  // what is still in the intake counts as well
    status.queued_urgent = line_.size(Lane::urgent);
    status.queued_normal = line_.size(Lane::normal);
    status.out_of_turn = line_.out_of_turn();
    status.under_way = under_way_;
    status.submitted = submitted_;
    status.answered = count_of(Fate::answered);
    status.not_sent = count_of(Fate::not_sent);
    status.in_doubt = count_of(Fate::in_doubt);
    status.callback_failures = callback_failures_;
    status.last_callback_failure = last_callback_failure_;
    status.longest_callback = longest_callback_;
    tells_some = !ended_.empty();
  }
  if (tells_some) rouse();
  return status;
}

}  // namespace leasehold::detail
