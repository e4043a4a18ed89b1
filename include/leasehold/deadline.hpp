#pragma once

#include <chrono>
#include <ratio>
#include <type_traits>

namespace leasehold {

namespace detail {

// The length in To's unit; the nearest there is where To cannot count so far. (The conversion of
// std::chrono overflows: hours::max() is less than nothing in nanoseconds.) Not a number: zero.
template <class To, class Rep, class Period>
constexpr To saturated(std::chrono::duration<Rep, Period> length) noexcept {
  // Wide enough for every length, and exact enough to tell whether To has room for it.
  using Wide = std::chrono::duration<long double, typename To::period>;
  const bool is_number = length.count() >= Rep{} || length.count() <= Rep{};
  if (!is_number) return To::zero();
  const Wide wide(length);
  if (wide >= Wide(To::max())) return To::max();
  if (wide <= Wide(To::min())) return To::min();
  using Factor = std::ratio_divide<Period, typename To::period>;
  if constexpr (std::is_floating_point_v<Rep> || (Factor::num != 1 && Factor::den != 1)) {
    return To(static_cast<typename To::rep>(wide.count()));
  } else {
    return std::chrono::duration_cast<To>(length);
  }
}

}  // namespace detail

// How long at most, from any std::chrono duration: `20ms`, `std::chrono::hours::max()`. Zero or
// less is not at all; what is too long to be counted in nanoseconds (292 years) is for ever.
class Timeout {
 public:
  template <class Rep, class Period>
  constexpr Timeout(std::chrono::duration<Rep, Period> length) noexcept  // NOLINT: it is one
      : length_(detail::saturated<std::chrono::nanoseconds>(length)) {}

  constexpr std::chrono::nanoseconds length() const noexcept { return length_; }

 private:
  std::chrono::nanoseconds length_;
};

// Until when at most, from any time point of the steady clock. One beyond what the clock can show
// is never, and never does not pass.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  template <class Duration>
  constexpr Deadline(std::chrono::time_point<Clock, Duration> at) noexcept  // NOLINT: it is one
      : at_(detail::saturated<Clock::duration>(at.time_since_epoch())) {}

  // From `now` on.
  static constexpr Deadline in(Timeout timeout, Clock::time_point now) noexcept {
    const std::chrono::nanoseconds length = timeout.length();
    if (length == length.max()) return never();
    // Only away from zero can the sum leave what the clock can show.
    if (now.time_since_epoch() > Clock::duration::zero()) {
      return length < Clock::time_point::max() - now ? Deadline(now + length) : never();
    }
    return length > Clock::time_point::min() - now ? now + length : Clock::time_point::min();
  }
  static constexpr Deadline never() noexcept { return Clock::time_point::max(); }

  constexpr Clock::time_point at() const noexcept { return at_; }

 private:
  Clock::time_point at_;
};

}  // namespace leasehold
