#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leasehold/alpaca/detail/carrier.hpp"

namespace leasehold::test {

// An answer with memory of its own, as carriers give it.
inline Outcome answered(int status, std::string_view body = {}, std::string_view headers = {}) {
  const std::string head =
      "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + std::string(headers);
  Outcome outcome{Response(status, head, body)};
  outcome.own();
  return outcome;
}
inline Outcome unanswered(Fate fate, Phase phase, Cause cause) {
  return {fate, {.phase = phase, .cause = cause}};
}

// A venue without a network: gives the outcomes it was told to, one for each request, in order, and
// remembers the requests. One that nothing was planned for is not sent (`closed`).
//
// Thread: any.
class ScriptedCarrier final : public alpaca::detail::Carrier {
 public:
  struct Carried {
    std::string line;  // "GET /v2/clock HTTP/1.1"
    std::string headers;
    std::string body;
    Deadline deadline;
    Lane lane;
  };
  using Answer = std::function<Outcome(const Carried&)>;

  void plan(Answer answer) {
    const std::lock_guard lock(mutex_);
    plans_.push_back(std::move(answer));
  }
  void plan(int status, std::string body = {}) {
    plan([status, body = std::move(body)](const Carried&) { return answered(status, body); });
  }
  void plan(Fate fate, Phase phase, Cause cause) {
    plan([=](const Carried&) { return unanswered(fate, phase, cause); });
  }
  std::vector<Carried> carried() const {
    const std::lock_guard lock(mutex_);
    return carried_;
  }

  Outcome carry(const PreparedRequest& request, std::string_view body, Deadline deadline, Lane lane,
                const std::stop_token&) noexcept override {
    Carried given{std::string(request.line()), std::string(request.headers()), std::string(body),
                  deadline, lane};
    given.line.resize(given.line.find_last_not_of("\r\n") + 1);
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      carried_.push_back(given);
      if (plans_.empty()) return unanswered(Fate::not_sent, Phase::wait, Cause::closed);
      answer = std::move(plans_.front());
      plans_.pop_front();
    }
    return answer(given);
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Answer> plans_;
  std::vector<Carried> carried_;
};

}  // namespace leasehold::test
