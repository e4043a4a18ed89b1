#pragma once

#include <algorithm>
#include <chrono>

#include "leasehold/alpaca/trading_settings.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::alpaca::detail {

using leasehold::detail::TimePoint;

// When to look an order in doubt up, and what it proves that it is not found. Pure.
class Inquiry {
 public:
  // `ended`: when its request had ended, so that no more of it was sent.
  Inquiry(TimePoint ended, const TradingSettings& settings) noexcept
      : proves_(ended + settings.execution_window),
        next_(ended),
        interval_(settings.lookup_interval),
        longest_(settings.lookup_interval_max) {}

  TimePoint next() const noexcept { return next_; }

  // A look-up that was begun at `asked` did not find it: whether there is none for good.
  bool proves_absence(TimePoint asked) const noexcept { return asked >= proves_; }

  // A look-up that was begun at `asked`, and has ended now, has proved nothing.
  void ask_again(TimePoint asked, TimePoint now) noexcept {
    next_ = now + interval_;
    interval_ = std::min(2 * interval_, std::max(longest_, interval_));
    // The one that can prove it is not put off.
    if (asked < proves_ && next_ > proves_) next_ = std::max(proves_, now);
  }

 private:
  TimePoint proves_;
  TimePoint next_;
  std::chrono::milliseconds interval_;
  std::chrono::milliseconds longest_;
};

}  // namespace leasehold::alpaca::detail
