#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <queue>
#include <thread>
#include <unordered_map>
#include <vector>

#include "paper/server/connection.hpp"
#include "system/mutex.hpp"

namespace leasehold::paper::detail {

// Serves any number of connections with epoll, in a thread of its own. Time is waited for with a
// timerfd (to the microsecond; epoll_wait knows milliseconds only), never by sleeping.
//
// Thread: any for adopt(), the owner's for the rest.
class EventLoop {
 public:
  // Starts the thread. Throws std::system_error.
  EventLoop(ServerCommons& commons, std::unique_ptr<RequestHandler> handler);
  // Stops it.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Hands over a connected, non-blocking socket. Throws std::bad_alloc, and closes it.
  // REQUIRES: not stopped.
  void adopt(UniqueFd socket, std::uint64_t id);

  // Closes all connections and ends the thread. Idempotent, not concurrent.
  void stop() noexcept;

 private:
  using TimePoint = Connection::TimePoint;
  struct Served {
    std::unique_ptr<Connection> connection;
    std::uint32_t events = 0;                    // asked of epoll
    TimePoint answer_queued = TimePoint::max();  // in due_, so that each is queued once
    // The earliest in due_: later ones are queued when it comes up.
    TimePoint timeout_queued = TimePoint::max();
  };
  struct Due {
    TimePoint at;
    std::uint64_t id;
    bool operator>(const Due& other) const noexcept { return at > other.at; }
  };
  struct Newcomer {
    UniqueFd socket;
    std::uint64_t id;
  };
  using ServedMap = std::unordered_map<std::uint64_t, Served>;

  void run();
  void serve_socket(std::uint64_t id, std::uint32_t events);
  void serve_due();
  void welcome_newcomers();
  template <typename Action>
  void act(ServedMap::iterator served, Action action);
  bool settle(std::uint64_t id, Served& served);
  void queue_times(std::uint64_t id, Served& served);
  void drop(ServedMap::iterator served);
  void arm_timer();

  ServerCommons& commons_;
  const std::unique_ptr<RequestHandler> handler_;
  const UniqueFd epoll_;
  const UniqueFd timer_;
  const UniqueFd wake_;  // an eventfd: newcomers, or the end

  std::atomic<bool> stopping_{false};

  leasehold::detail::Mutex mutex_;
  std::vector<Newcomer> newcomers_ LEASEHOLD_GUARDED_BY(mutex_);

  // The loop's thread only.
  Connection::Scratch scratch_;
  ServedMap served_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  TimePoint armed_ = TimePoint::max();

  std::thread thread_;
};

}  // namespace leasehold::paper::detail
