#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "leasehold/request_channel.hpp"
#include "order/contestants.hpp"

namespace leasehold::bench {
namespace {

// A channel whose connections are made and used once: all at the same time, or one would do.
class Connected {
 public:
  explicit Connected(const Task& task)
      : request_(order_request(task.path)), channel_(task.server, {.clients = task.clients}) {
    do {
      std::vector<std::future<Outcome>> outcomes;
      for (unsigned client = 0; client < task.clients; ++client) outcomes.push_back(submit());
      for (auto& outcome : outcomes) check_answer(outcome.get());
    } while (channel_.status().handshakes < task.clients);
  }

  std::future<Outcome> submit() { return channel_.submit(request_, kOrder, deadline()); }
  void submit(ResponseChannel& responses, std::uint64_t id) {
    channel_.submit(request_, kOrder, deadline(), responses, id);
  }

 private:
  static Deadline deadline() { return Clock::now() + kPatience; }

  const PreparedRequest request_;
  RequestChannel channel_;
};

// Each thread sleeps until it has its answer.
class Channel final : public Contestant {
 public:
  explicit Channel(const Task& task) : channel_(task) {}

  std::optional<Clock::duration> post(unsigned /*thread*/) override {
    check_answer(channel_.submit().get());
    return std::nullopt;
  }

 private:
  Connected channel_;
};

// One thread has an order under way on each connection, and takes the answers as they come.
class InFlight final : public Contestant {
 public:
  explicit InFlight(const Task& task) : begun_(task.clients), channel_(task) {
    for (std::uint64_t id = 0; id < begun_.size(); ++id) submit(id);
  }

  std::optional<Clock::duration> post(unsigned /*thread*/) override {
    const auto arrival = responses_.receive(Clock::now() + kPatience);
    if (!arrival) throw std::runtime_error("no answer came");
    check_answer(arrival->outcome);
    const Clock::duration latency = Clock::now() - begun_[arrival->id];
    submit(arrival->id);
    return latency;
  }

 private:
  void submit(std::uint64_t id) {
    begun_[id] = Clock::now();
    channel_.submit(responses_, id);
  }

  std::vector<Clock::time_point> begun_;  // by id
  ResponseChannel responses_;
  Connected channel_;
};

}  // namespace

std::unique_ptr<Contestant> make_channel(const Task& task) {
  return std::make_unique<Channel>(task);
}
std::unique_ptr<Contestant> make_in_flight(const Task& task) {
  return std::make_unique<InFlight>(task);
}

}  // namespace leasehold::bench
