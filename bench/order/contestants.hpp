#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "order/order.hpp"

// Who sends the order.
namespace leasehold::bench {

// One way for task.threads threads to send it, with all its connections made and used once.
class Contestant {
 public:
  virtual ~Contestant() = default;
  // Sends the order once, and checks the answer. How long it took, if that is not the time of the
  // call. Throws std::runtime_error if the answer is not as it must be. `thread`, from 0 to
  // task.threads - 1, is one thread's at a time.
  virtual std::optional<Clock::duration> post(unsigned thread) = 0;
};

// They throw std::runtime_error if a connection cannot be made.
// leasehold.cpp: ClientPool::send() with a PreparedRequest and a deadline.
std::unique_ptr<Contestant> make_leasehold(const Task& task);
// channel.cpp: RequestChannel with task.clients clients: each thread submits and sleeps until its
// answer is there.
std::unique_ptr<Contestant> make_channel(const Task& task);
// channel.cpp: the same, by one thread that has an order under way on each connection.
std::unique_ptr<Contestant> make_in_flight(const Task& task);
// raw.cpp: OpenSSL on a blocking socket, one for each thread.
std::unique_ptr<Contestant> make_raw(const Task& task);
// httplib.cpp: httplib::SSLClient by an expert's hand, one for each thread.
std::unique_ptr<Contestant> make_tuned(const Task& task);
// httplib.cpp: task.clients of these behind a mutex and a condition variable.
std::unique_ptr<Contestant> make_mutex_pool(const Task& task);

struct Entry {
  std::string_view name;
  bool pooled;  // task.clients connections for all threads; else each has its own
  std::unique_ptr<Contestant> (*make)(const Task& task);
};

inline constexpr Entry kEntries[] = {
    {"leasehold", true, make_leasehold},
    {"channel", true, make_channel},
    {"raw", false, make_raw},
    {"tuned", false, make_tuned},
    {"mutex_pool", true, make_mutex_pool},
};

}  // namespace leasehold::bench
