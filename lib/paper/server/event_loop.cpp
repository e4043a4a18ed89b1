#include "paper/server/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace leasehold::paper::detail {

using leasehold::detail::MutexLock;

namespace {

// What epoll says beside the ids of connections, which count from 1.
constexpr std::uint64_t kWake = 0;
constexpr std::uint64_t kTimer = ~std::uint64_t{0};
constexpr std::size_t kBatch = 64;

int checked(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

void watch(const UniqueFd& epoll, int operation, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  checked(::epoll_ctl(epoll.get(), operation, fd, &event), "epoll_ctl");
}

}  // namespace

EventLoop::EventLoop(ServerCommons& commons, std::unique_ptr<RequestHandler> handler)
    : commons_(commons),
      handler_(std::move(handler)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(
          checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  watch(epoll_, EPOLL_CTL_ADD, timer_.get(), EPOLLIN, kTimer);
  watch(epoll_, EPOLL_CTL_ADD, wake_.get(), EPOLLIN, kWake);
  thread_ = std::thread([this] { run(); });
}

EventLoop::~EventLoop() {
  stop();
  commons_.time.arm(timer_.get(), TimePoint::max());
}

void EventLoop::adopt(UniqueFd socket, std::uint64_t id) {
  {
    const MutexLock lock(mutex_);
    newcomers_.push_back({.socket = std::move(socket), .id = id});
    // Under the lock: the loop's thread, which takes the connection off the count, cannot have
    // found it before. After the push, which may throw.
    ++commons_.counters.open;
  }
  ::eventfd_write(wake_.get(), 1);
}

void EventLoop::stop() noexcept {
  stopping_.store(true);
  ::eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void EventLoop::run() {
  std::array<epoll_event, kBatch> events;
  while (!stopping_.load()) {
    arm_timer();
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int at = 0; at < count; ++at) {
      const epoll_event& event = events[static_cast<std::size_t>(at)];
      if (event.data.u64 == kWake) {
        welcome_newcomers();
      } else if (event.data.u64 == kTimer) {
        armed_ = TimePoint::min();  // nothing: it is readable until it is armed or disarmed anew
        serve_due();
      } else {
        serve_socket(event.data.u64, event.events);
      }
    }
  }
  welcome_newcomers();
  for (const auto& [id, served] : served_) served.connection->say_close();
  commons_.counters.open -= served_.size();
  served_.clear();
}

void EventLoop::serve_socket(std::uint64_t id, std::uint32_t events) {
  const auto served = served_.find(id);
  if (served == served_.end()) return;  // dropped earlier in this batch
  act(served, [events](Connection& connection) { connection.on_socket(events); });
}

void EventLoop::serve_due() {
  const TimePoint now = commons_.time.now();
  while (!due_.empty() && due_.top().at <= now) {
    const Due due = due_.top();
    due_.pop();
    const auto served = served_.find(due.id);
    if (served == served_.end()) continue;
    // Timeouts move on while connections are used; one is queued anew only here, when it comes up.
    if (served->second.timeout_queued == due.at) served->second.timeout_queued = TimePoint::max();
    act(served, [now](Connection& connection) { connection.on_time(now); });
  }
}

void EventLoop::welcome_newcomers() {
  eventfd_t ignored = 0;
  ::eventfd_read(wake_.get(), &ignored);
  std::vector<Newcomer> newcomers;
  {
    const MutexLock lock(mutex_);
    newcomers.swap(newcomers_);
  }
  for (Newcomer& newcomer : newcomers) {
    const std::uint64_t id = newcomer.id;
    try {
      Served served;
      served.connection = std::make_unique<Connection>(std::move(newcomer.socket), id, commons_,
                                                       *handler_, scratch_);
      served.events = served.connection->epoll_events();
      watch(epoll_, EPOLL_CTL_ADD, served.connection->socket(), served.events, id);
      queue_times(id, served);
      served_.emplace(id, std::move(served));
    } catch (const std::exception&) {
      --commons_.counters.open;  // out of memory: this one is closed, the others go on
    }
  }
}

template <typename Action>
void EventLoop::act(ServedMap::iterator served, Action action) {
  bool goes_on = false;
  try {
    action(*served->second.connection);
    goes_on = settle(served->first, served->second);
  } catch (const std::exception&) {
    // Out of memory: this connection ends, the others go on.
  }
  if (!goes_on) drop(served);
}

// Asks epoll and the timer for what the connection waits for now; false if it is finished.
bool EventLoop::settle(std::uint64_t id, Served& served) {
  if (served.connection->finished()) return false;
  if (const std::uint32_t events = served.connection->epoll_events(); events != served.events) {
    watch(epoll_, EPOLL_CTL_MOD, served.connection->socket(), events, id);
    served.events = events;
  }
  queue_times(id, served);
  return true;
}

void EventLoop::queue_times(std::uint64_t id, Served& served) {
  const TimePoint answer = served.connection->answer_due();
  if (answer != TimePoint::max() && answer != served.answer_queued) {
    due_.push({.at = answer, .id = id});
  }
  served.answer_queued = answer;
  if (const TimePoint timeout = served.connection->timeout(); timeout < served.timeout_queued) {
    due_.push({.at = timeout, .id = id});
    served.timeout_queued = timeout;
  }
}

void EventLoop::drop(ServedMap::iterator served) {
  served_.erase(served);  // closing the socket takes it out of epoll
  --commons_.counters.open;
}

void EventLoop::arm_timer() {
  const TimePoint next = due_.empty() ? TimePoint::max() : due_.top().at;
  if (next == armed_) return;
  commons_.time.arm(timer_.get(), next);
  armed_ = next;
}

}  // namespace leasehold::paper::detail
