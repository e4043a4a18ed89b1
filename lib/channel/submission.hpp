#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

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
  Submission* next = nullptr;  // in a list of the hand's

  // Its destructor waits for a call that is under way: so it goes while nobody holds the lock.
  std::optional<std::stop_callback<OnStop>> on_stop = {};
};

// Some of them, in order.
class Submissions {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }
  Submission* first() const noexcept { return first_; }

  void push(Submission& submission) noexcept {
    submission.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &submission;
    last_ = &submission;
    ++size_;
  }
  // Null if there is none.
  Submission* pop() noexcept {
    Submission* const submission = first_;
    if (submission == nullptr) return nullptr;
    first_ = submission->next;
    if (first_ == nullptr) last_ = nullptr;
    --size_;
    return submission;
  }
  // Takes all of the other's.
  void append(Submissions& others) noexcept {
    if (others.first_ == nullptr) return;
    (last_ != nullptr ? last_->next : first_) = others.first_;
    last_ = others.last_;
    size_ += others.size_;
    others = {};
  }

 private:
  Submission* first_ = nullptr;
  Submission* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace leasehold::detail
