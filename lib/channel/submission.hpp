#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "channel/chain.hpp"
#include "channel/queued.hpp"
#include "channel/reply.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"

namespace leasehold::detail {

class ChannelState;
class Worker;

// A request that a channel has accepted, from its submission until its outcome is told. In one hand
// at a time: the intake's, the line's, or a worker's.
struct Submission : Queued {
  // What the user's stop token calls, in the thread that triggers it.
  struct OnStop {
    ChannelState* channel;
    Submission* submission;
    void operator()() const noexcept;
  };

  Submission(const Queued& place, std::string its_text, Method its_method, Reply to) noexcept
      : Queued(place), text(std::move(its_text)), method(its_method), reply(std::move(to)) {}

  // Constant once it is in the intake.
  const std::string text;  // as it goes on the wire
  const Method method;

  // Guarded by the channel's mutex.
  bool stop_wanted = false;
  bool cut_off = false;      // by close()
  Worker* worker = nullptr;  // once begun

  // The hand's.
  Reply reply;
  std::optional<Outcome> outcome = {};
  Submission* previous = nullptr;  // in a chain of the hand's
  Submission* next = nullptr;

  // Its destructor waits for a call that is under way: so it goes while nobody holds the lock.
  std::optional<std::stop_callback<OnStop>> on_stop = {};
};

// Some of them, in order.
using Submissions = Chain<Submission>;

}  // namespace leasehold::detail
