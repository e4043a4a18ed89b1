#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "leasehold/alpaca/rate_budget.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::alpaca::detail {

// An account's window of requests, as far as it is known. Pure.
//
// The venue's count is its answer's; those under way it may have counted or not. So one's own are
// counted here, and from the answers comes only how many others' there must be at least.
class RateWindow {
 public:
  using TimePoint = RateBudget::TimePoint;

  explicit RateWindow(std::int64_t reserve) noexcept : reserve_(reserve) {}

  std::optional<TimePoint> take(Lane lane, TimePoint now) noexcept {
    if (now >= ends_) begin(now);
    const bool may_use_all = lane == Lane::urgent || is_trying_;
    const std::int64_t kept = may_use_all ? 0 : std::min(reserve_, limit_ / 2);
    if (limit_ != 0 && limit_ - taken_ - others_ <= kept) {
      return is_tried_ ? std::min(ends_, now + kTry) : ends_;
    }
    is_tried_ = is_trying_;
    ++taken_;
    ++under_way_;
    return std::nullopt;
  }

  // REQUIRES: once for each that was taken, after it has ended.
  void learn(const RateReport& report, TimePoint taken, TimePoint now) noexcept {
    --under_way_;
    const bool is_of_this = taken >= began_;
    if (is_of_this) is_tried_ = false;
    if (!report.was_sent) {
      --taken_;  // of a window before: it was carried over into this one
      return;
    }
    if (!is_of_this) return;  // long on its way: what it says is of a window before
    // A gateway's 5xx has not counted it.
    if (report.status < 200 || report.status >= 500) return;
    if (report.limit) limit_ = *report.limit;
    report.status == 429 ? refused(report, now) : counted(report, taken, now);
  }

 private:
  static constexpr std::chrono::seconds kLongest{60};  // the venue's window
  static constexpr std::chrono::seconds kShortest{1};
  static constexpr std::chrono::seconds kSlack{2};      // the venue counts in whole seconds
  static constexpr std::chrono::milliseconds kTry{20};  // while one tries: to ask whether it has
  static constexpr std::int64_t kUsualLimit = 200;      // as documented

  // What is under way may count in either.
  void begin(TimePoint now) noexcept {
    began_ = now;
    taken_ = under_way_;
    others_ = is_trying_ ? limit_ - taken_ - 1 : 0;
    ends_ = now + (is_trying_ ? backoff_ : kLongest);
    is_guessed_ = true;
  }

  // The answer was given between `taken` and `now`.
  void counted(const RateReport& report, TimePoint taken, TimePoint now) noexcept {
    const std::optional<std::chrono::seconds> to_reset = report.to_reset;
    const bool is_next = !is_guessed_ && to_reset && taken + *to_reset > ends_ + kSlack;
    if (is_trying_ || is_next) {
      taken_ = under_way_;
      others_ = 0;
    }
    is_trying_ = false;
    backoff_ = kShortest;
    if (!report.remaining || limit_ == 0) return;
    others_ = std::max(others_, limit_ - *report.remaining - taken_);
    if (to_reset && (is_guessed_ || is_next)) {
      ends_ = now + *to_reset;
      is_guessed_ = false;
    }
  }

  // Nothing more before the venue's time, and then one that tries: for its word may be false. Those
  // that were under way together are one refusal.
  void refused(const RateReport& report, TimePoint now) noexcept {
    if (limit_ == 0) limit_ = kUsualLimit;
    is_trying_ = true;
    ends_ = now + std::max(report.to_reset.value_or(backoff_), backoff_);
    backoff_ = std::min(2 * backoff_, kLongest);
    is_guessed_ = false;
    began_ = now + std::chrono::nanoseconds(1);
    others_ = limit_;
  }

  std::int64_t reserve_;
  std::int64_t limit_ = 0;      // 0: not known
  std::int64_t taken_ = 0;      // in this window, by this process
  std::int64_t others_ = 0;     // in this window, at least, by others
  std::int64_t under_way_ = 0;  // taken, and not ended
  TimePoint began_{};
  TimePoint ends_{};
  bool is_guessed_ = true;  // ends_, by the length of a window
  bool is_trying_ = false;  // refused, and nothing else heard since: one at a time
  bool is_tried_ = false;   // and that one is under way
  std::chrono::seconds backoff_ = kShortest;
};

}  // namespace leasehold::alpaca::detail
