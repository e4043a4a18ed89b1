#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "leasehold/export.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::alpaca {

// What a request that has ended tells of its account's rate limit. What it does not tell, or tells
// wrongly, is empty.
struct RateReport {
  bool was_sent = true;                        // false: nothing of it, the venue cannot count it
  int status = 0;                              // of the answer; 0: there is none
  std::optional<std::int64_t> limit = {};      // requests in a window (X-Ratelimit-Limit)
  std::optional<std::int64_t> remaining = {};  // of them, after this one (X-Ratelimit-Remaining)
  // From the answer to the next window: X-Ratelimit-Reset less the answer's own Date, so that no
  // clock but the venue's counts; of a 429 without that, its Retry-After. 1 s to 60 s.
  std::optional<std::chrono::seconds> to_reset = {};
};

// How many requests an account may send: one budget for each account, shared by all that send for
// it. An interface, so that one can be shared between hosts.
//
// Thread: any number at once.
class LEASEHOLD_API RateBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  RateBudget() = default;
  virtual ~RateBudget();
  RateBudget(const RateBudget&) = delete;
  RateBudget& operator=(const RateBudget&) = delete;

  // Takes one request out of it. Nothing: it may be sent. Else the time from which to ask again;
  // one that is past is taken for a millisecond from now.
  virtual std::optional<TimePoint> take(Lane lane, TimePoint now) noexcept = 0;
  // Once for each that was taken, when it has ended. One that was not sent is given back.
  virtual void learn(const RateReport& report, TimePoint taken, TimePoint now) noexcept = 0;
};

// The budget of an account for which only this process sends: learned from the venue's answers,
// without bound before the first.
//
// Promise: normal requests leave the last `reserve` of a window to urgent ones (cancels, and
//   look-ups of orders in doubt). After a 429 nothing is sent before the window ends; then one
//   request tries, and only when it is answered otherwise do the others follow. If the venue does
//   not say when, or its word proves false, it is tried after a second, and then after twice as
//   long each time, up to a minute. Whatever a venue says, nothing waits longer than a minute.
// Cost: a lock for a moment.
class LEASEHOLD_API LocalRateBudget final : public RateBudget {
 public:
  // `reserve`: 0 or more; no more than half of a window is kept.
  explicit LocalRateBudget(std::int64_t reserve = 20);
  ~LocalRateBudget() override;

  std::optional<TimePoint> take(Lane lane, TimePoint now) noexcept override;
  void learn(const RateReport& report, TimePoint taken, TimePoint now) noexcept override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace leasehold::alpaca
