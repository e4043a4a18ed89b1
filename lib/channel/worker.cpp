#include "channel/worker.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <limits>
#include <system_error>
#include <utility>

#include "channel/channel_state.hpp"
#include "client/connect_fault.hpp"
#include "client/owned_outcome.hpp"
#include "system/signals_blocked.hpp"

namespace leasehold::detail {
namespace {

// Who has news: the bell, or a slot and which of its connections.
constexpr std::uint64_t kBell = std::numeric_limits<std::uint64_t>::max();

// How often a request goes on before others have their turn, though it could.
constexpr int kStepsInARow = 16;

// As operators see it in top and in /proc: 15 characters at most.
void name_this_thread(const char* name) noexcept { ::pthread_setname_np(::pthread_self(), name); }

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Interruption interruption_of(Cause cause) noexcept {
  return cause == Cause::closed ? Interruption::closed : Interruption::stop;
}

}  // namespace

Worker::Worker(ChannelState& channel, const ClientBlueprint& blueprint, const Clock& clock,
               std::uint32_t first, std::size_t clients)
    : channel_(channel),
      clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (epoll_.get() < 0 || bell_.get() < 0) throw_errno("cannot make a worker's epoll and bell");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kBell}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0) {
    throw_errno("cannot wait for a worker's bell");
  }
  slots_.reserve(clients);
  warm_.reserve(clients);
  cold_.reserve(clients);
  again_.reserve(clients);
  wakes_.reserve(clients);
  for (std::size_t i = 0; i < clients; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->client =
        std::make_unique<Client>(blueprint, first + static_cast<std::uint32_t>(i), clock);
    slots_.push_back(std::move(slot));
  }
  for (const auto& slot : slots_) cold_.push_back(slot.get());
}

Worker::~Worker() = default;

void Worker::start() {
  const SignalsBlocked quiet;  // its connectors inherit that
  thread_ = std::thread([this] { run(); });
}

void Worker::join() noexcept {
  if (thread_.joinable()) thread_.join();
}

void Worker::ring() const noexcept {
  const std::uint64_t one = 1;
  // Fails only if it has been rung so often that it hears it anyway.
  static_cast<void>(::write(bell_.get(), &one, sizeof one));
}

bool Worker::ring_if_asleep() noexcept {
  if (sleeps_until_.exchange(kAwake, std::memory_order_seq_cst) == kAwake) return false;
  ring();
  return true;
}

std::uint64_t Worker::handshakes() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& slot : slots_) sum += slot->client->handshakes();
  return sum;
}

// --- the loop ---

void Worker::run() noexcept {
  name_this_thread("leasehold-chan");
  for (bool pending = false; !hand_.over;) {
    await_news(pending);
    hand_.free = warm_.size() + cold_.size() - resumed_.size();
    channel_.exchange(*this, hand_);
    end_interrupted();
    // The wire is fed before the sleepers are woken: while they wake up, the answers come.
    while (Submission* const next = resumed_.pop()) resume(*next);
    while (Submission* const next = hand_.begun.pop()) begin(*next, true);
    end_late(clock_.now());
    tell();
    pending =
        !resumed_.empty() || !hand_.ended.empty() || !hand_.in_order.empty() || !again_.empty();
  }
  for (const auto& slot : slots_) slot->client->disconnect();
}

// Sleeps until there is some, unless the worker has more to do, or the channel has had news since
// the last exchange.
void Worker::await_news(bool pending) noexcept {
  if (pending) return look(TimePoint::min());
  const bool idle = !warm_.empty() || !cold_.empty();
  const TimePoint until = std::min(hand_.alarm, first_late_);
  const auto at = std::clamp(until.time_since_epoch().count(), kAwake + 1, kIdle - 1);
  sleeps_until_.store(idle ? kIdle : at, std::memory_order_seq_cst);
  look(channel_.has_news(hand_, idle) ? TimePoint::min() : until);
  sleeps_until_.store(kAwake, std::memory_order_seq_cst);
}

void Worker::look(TimePoint until) noexcept {
  int milliseconds = 0;
  if (until == kNever) {
    milliseconds = -1;
  } else if (until != TimePoint::min()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.now()).count();
    milliseconds = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }
  std::array<epoll_event, 64> events{};
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
  // Those that could go on before this look; who must go on again waits for the next.
  std::size_t left = again_.size();
  for (int i = 0; i < count; ++i) hear(events[static_cast<std::size_t>(i)]);
  for (; left != 0 && !again_.empty(); --left) {
    Slot& slot = *again_.front();
    again_.erase(again_.begin());
    slot.listed = false;
    go_on(slot);
  }
}

void Worker::hear(const epoll_event& event) noexcept {
  const std::uint64_t who = event.data.u64;
  if (who == kBell) return answer_bell();
  Slot& slot = *slots_[static_cast<std::uint32_t>(who)];
  if (slot.generation != who >> 32U || slot.connects()) return;
  if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0) slot.readable = true;
  if (slot.submission != nullptr) {
    if (!slot.listed) go_on(slot);
  } else {
    check_idle(slot);
  }
}

void Worker::answer_bell() noexcept {
  std::uint64_t rings = 0;
  static_cast<void>(::read(bell_.get(), &rings, sizeof rings));
  if (connecting_ == 0) return;
  for (const auto& slot : slots_) {
    if (slot->connects() && slot->connected.load(std::memory_order_acquire)) connected(*slot);
  }
}

// --- a request ---

void Worker::begin(Submission& submission, bool may_connect) noexcept {
  Fault fault{.phase = Phase::wait, .cause = Cause::deadline};
  while (clock_.now() < submission.deadline) {
    if (warm_.empty()) {
      if (may_connect) return connect(*cold_.back(), submission);
      fault = {.phase = Phase::handshake, .cause = Cause::peer_closed};
      break;
    }
    Slot& slot = *warm_.back();
    warm_.pop_back();
    try {
      fault = slot.client->make_ready(submission.deadline);
    } catch (const std::exception&) {  // no memory to say what is wrong
      fault = {.phase = Phase::prepare, .cause = Cause::out_of_resources};
    }
    if (fault.cause == Cause::none) {
      slot.submission = &submission;
      slot.readable = false;  // it was looked at
      slot.client->begin(submission.text, submission.method, submission.deadline);
      first_late_ = std::min(first_late_, submission.deadline);
      return go_on(slot);
    }
    put_back(slot);
    // Of a stale or condemned one nothing was sent, and there is another.
    if (fault.cause == Cause::out_of_resources) break;
  }
  end(submission, std::move(fault));
}

// One for which a client has connected meanwhile. It may be late by now, or not wanted any more;
// and the server may have ended the connection, which is not tried for ever.
void Worker::resume(Submission& submission) noexcept {
  const Cause cause = channel_.why_interrupted(submission, hand_.cut);
  if (cause == Cause::none) return begin(submission, false);
  end(submission, {.phase = Phase::handshake, .cause = cause});
}

void Worker::connect(Slot& slot, Submission& submission) noexcept {
  cold_.pop_back();
  slot.submission = &submission;
  slot.connected.store(false, std::memory_order_relaxed);
  try {
    slot.connector = std::thread([this, &slot, deadline = submission.deadline] {
      name_this_thread("leasehold-conn");
      try {
        if (slot.client->condemned()) slot.client->rebuild();
        slot.fault = slot.client->make_ready(deadline);
      } catch (const std::exception&) {  // no memory, or no thread to hold the deadline
        slot.fault = {.phase = Phase::connect, .cause = Cause::out_of_resources};
      }
      slot.connected.store(true, std::memory_order_release);
      ring();
    });
    ++connecting_;
  } catch (const std::exception&) {  // no thread, or no memory for one
    end(slot, {Fate::not_sent, {.phase = Phase::connect, .cause = Cause::out_of_resources}});
  }
}

void Worker::connected(Slot& slot) noexcept {
  slot.connector.join();
  --connecting_;
  if (slot.give_up != Cause::none) {
    slot.client->forget_interruption(interruption_of(slot.give_up));
  }
  Fault fault = *std::exchange(slot.fault, std::nullopt);
  if (fault.cause == Cause::none && !register_socket(slot)) {
    fault = {.phase = Phase::handshake, .cause = Cause::out_of_resources};
  }
  if (fault.cause != Cause::none) return end(slot, {Fate::not_sent, std::move(fault)});
  resumed_.push(*std::exchange(slot.submission, nullptr));
  slot.give_up = Cause::none;
  put_back(slot);
}

// All news of it from now on, once each: what it waits for is never said again.
bool Worker::register_socket(Slot& slot) noexcept {
  const auto index = static_cast<std::uint64_t>(
      std::ranges::find(slots_, &slot, &std::unique_ptr<Slot>::get) - slots_.begin());
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.u64 = index | (std::uint64_t{++slot.generation} << 32U)}};
  const int descriptor = slot.client->descriptor();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return true;
  slot.client->disconnect();
  return false;
}

void Worker::go_on(Slot& slot) noexcept {
  Client& client = *slot.client;
  for (int steps = 0; steps < kStepsInARow; ++steps) {
    const bool was_writing = client.is_writing();
    const short wait_for = client.step();
    if (client.is_over()) return finish(slot);
    if (wait_for == 0) continue;
    // The last write looks for no answer. What epoll has told of is not told again.
    if (was_writing && !client.is_writing() && slot.readable) continue;
    if (client.has_read_enough()) break;  // there may be more, and it is not told of again
    slot.readable = false;
    return;
  }
  if (!std::exchange(slot.listed, true)) again_.push_back(&slot);
}

void Worker::finish(Slot& slot) noexcept {
  Outcome outcome = owned(slot.client->finish());
  end(slot, std::move(outcome));
}

void Worker::end(Slot& slot, Outcome outcome) noexcept {
  Submission& submission = *std::exchange(slot.submission, nullptr);
  slot.give_up = Cause::none;
  // The next to use it, or to connect it, is not to be taken for this one.
  if (std::exchange(slot.listed, false)) std::erase(again_, &slot);
  submission.outcome.emplace(std::move(outcome));
  hand_.ended.push(submission);
  put_back(slot);
}

void Worker::end(Submission& submission, Fault fault) noexcept {
  submission.outcome.emplace(Fate::not_sent, std::move(fault));
  hand_.ended.push(submission);
}

void Worker::put_back(Slot& slot) noexcept {
  slot.client->rest();
  // A condemned one is built anew where it connects.
  const bool usable = slot.client->connected() && !slot.client->condemned();
  (usable ? warm_ : cold_).push_back(&slot);
}

// News of a connection that nobody uses: it has ended, as a rule.
void Worker::check_idle(Slot& slot) noexcept {
  if (!slot.client->connected()) return;
  try {
    static_cast<void>(slot.client->make_ready(kNever));
  } catch (const std::exception&) {  // the next to use it finds out
  }
  if (slot.client->connected()) return;
  std::erase(warm_, &slot);
  put_back(slot);
}

void Worker::end_late(TimePoint now) noexcept {
  if (now < first_late_) return;
  first_late_ = kNever;
  for (const auto& slot : slots_) {
    if (slot->submission == nullptr || slot->connects()) continue;
    if (slot->client->is_late(now)) {
      finish(*slot);
    } else {
      first_late_ = std::min(first_late_, slot->submission->deadline);
    }
  }
}

// Those that are to be cut, or were stopped, which the channel has marked.
void Worker::end_interrupted() noexcept {
  if (hand_.cut == Cause::none && !std::exchange(hand_.any_stopped, false)) return;
  for (const auto& slot : slots_) {
    if (slot->submission == nullptr || slot->give_up != Cause::none) continue;
    const Cause cause = channel_.why_interrupted(*slot->submission, hand_.cut);
    if (cause == Cause::none) continue;
    if (!slot->connects()) {
      slot->client->give_up(cause);
      finish(*slot);
    } else {
      slot->give_up = cause;
      slot->client->interrupt(interruption_of(cause));
    }
  }
}

void Worker::tell() noexcept {
  std::size_t ended = 0;
  while (Submission* const next = hand_.to_tell.pop()) {
    if (next->reply.is_callback()) wake();  // it may take long
    // Who waits for several answers sleeps until all are there.
    if (WakeSignal* const waits = channel_.tell(*next)) {
      if (wakes_.size() == wakes_.capacity()) wake();
      wakes_.push_back(waits);
    }
    if (next->ordered && next->worker != nullptr) {  // it had its tenant's turn
      hand_.in_order.push(*next);
    } else {
      delete next;
      ++ended;
    }
  }
  while (Submission* const next = hand_.told.pop()) {
    delete next;
    ++ended;
  }
  wake();
  if (ended != 0) channel_.let_go(ended);
}

void Worker::wake() noexcept {
  for (WakeSignal* const waits : wakes_) waits->set();
  wakes_.clear();
}

}  // namespace leasehold::detail
