#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leasehold::paper::detail {

// Nanoseconds since the Unix epoch that advance with the exchange's time: read from the wall clock
// once, so that later times are never smaller.
//
// Thread: any.
class ExchangeClock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  explicit ExchangeClock(TimePoint now = std::chrono::steady_clock::now());
  std::int64_t at(TimePoint time) const noexcept {
    return std::chrono::nanoseconds(time.time_since_epoch()).count() + offset_ns_;
  }

 private:
  const std::int64_t offset_ns_;
};

// "2023-12-12T22:31:24.5772Z": UTC, the fraction without trailing zeros, as the API writes it.
std::string rfc3339(std::int64_t epoch_ns);
// Reads it, with any number of decimals up to 9 and any offset; nothing if it is none.
std::optional<std::int64_t> read_rfc3339(std::string_view text);
// "2025-06-24T14:15:22-04:00": in New York's time, whole seconds.
std::string rfc3339_new_york(std::chrono::sys_seconds time);
// "Sun, 06 Nov 1994 08:49:37 GMT", for the Date header.
std::string http_date(std::chrono::sys_seconds time);

// The next time that New York's clocks show `time_of_day` on a Monday to Friday, after `from`.
// Holidays are not known here.
std::chrono::sys_seconds next_weekday_time(std::chrono::sys_seconds from,
                                           std::chrono::seconds time_of_day);

inline constexpr std::chrono::seconds kMarketOpens =
    std::chrono::hours(9) + std::chrono::minutes(30);
inline constexpr std::chrono::seconds kMarketCloses = std::chrono::hours(16);

inline std::chrono::sys_seconds whole_seconds(std::int64_t epoch_ns) {
  return std::chrono::sys_seconds(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::nanoseconds(epoch_ns)));
}

}  // namespace leasehold::paper::detail
