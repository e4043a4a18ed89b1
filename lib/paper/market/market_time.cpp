#include "paper/market/market_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace leasehold::paper::detail {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year, month, day;
  int hour, minute, second;
  std::size_t weekday;  // 0: Sunday
};

Civil civil(sys_seconds time) {
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(unsigned{date.month()}),
          .day = static_cast<int>(unsigned{date.day()}),
          .hour = static_cast<int>(clock.hours().count()),
          .minute = static_cast<int>(clock.minutes().count()),
          .second = static_cast<int>(clock.seconds().count()),
          .weekday = weekday(day).c_encoding()};
}

void append_padded(std::string& text, int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

void append_time(std::string& text, const Civil& at) {
  append_padded(text, at.hour, 2);
  text += ':';
  append_padded(text, at.minute, 2);
  text += ':';
  append_padded(text, at.second, 2);
}

std::string date_and_time(const Civil& at) {
  std::string text;
  text.reserve(36);  // the longest timestamp, zone and nanoseconds included
  append_padded(text, at.year, 4);
  text += '-';
  append_padded(text, at.month, 2);
  text += '-';
  append_padded(text, at.day, 2);
  text += 'T';
  append_time(text, at);
  return text;
}

// Summer time from the second Sunday of March, 2:00 EST, to the first Sunday of November, 2:00 EDT.
hours new_york_offset(sys_seconds time) {
  const year this_year = year_month_day(floor<days>(time - 5h)).year();
  const sys_seconds begins = sys_days(this_year / March / Sunday[2]) + 2h + 5h;
  const sys_seconds ends = sys_days(this_year / November / Sunday[1]) + 2h + 4h;
  return time >= begins && time < ends ? -4h : -5h;
}

}  // namespace

ExchangeClock::ExchangeClock(TimePoint now)
    : offset_ns_(nanoseconds(system_clock::now().time_since_epoch()).count() -
                 nanoseconds(now.time_since_epoch()).count()) {}

std::string rfc3339(std::int64_t epoch_ns) {
  const sys_time<nanoseconds> time{nanoseconds(epoch_ns)};
  const sys_seconds second = floor<seconds>(time);
  std::string text = date_and_time(civil(second));
  if (const auto fraction = (time - second).count(); fraction != 0) {
    const std::string padded = std::to_string(1'000'000'000 + fraction);  // a leading 1 keeps zeros
    text += '.';
    text.append(padded, 1, padded.find_last_not_of('0'));
  }
  return text + 'Z';
}

std::optional<std::int64_t> read_rfc3339(std::string_view text) {
  // Digits, and what stands between them.
  const auto number = [&text](std::size_t digits, int least, int most) {
    int value = 0;
    const char* const end = text.data() + std::min(digits, text.size());
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool fits = text.size() >= digits && error == std::errc() &&
                      stop == text.data() + digits && value >= least && value <= most;
    text.remove_prefix(std::min(digits, text.size()));
    return fits ? std::optional(value) : std::nullopt;
  };
  const auto mark = [&text](std::string_view allowed) {
    const bool is_there = !text.empty() && allowed.find(text.front()) != std::string_view::npos;
    text.remove_prefix(is_there ? 1 : 0);
    return is_there;
  };
  const auto years = number(4, 1970, 2200);
  if (!years || !mark("-")) return std::nullopt;
  const auto months = number(2, 1, 12);
  if (!months || !mark("-")) return std::nullopt;
  const auto of_month = number(2, 1, 31);
  if (!of_month || !mark("Tt")) return std::nullopt;
  const auto hour = number(2, 0, 23);
  if (!hour || !mark(":")) return std::nullopt;
  const auto minute = number(2, 0, 59);
  if (!minute || !mark(":")) return std::nullopt;
  const auto second = number(2, 0, 60);
  const year_month_day date(year(years.value_or(0)) / months.value_or(0) / of_month.value_or(0));
  if (!second || !date.ok()) return std::nullopt;
  std::int64_t fraction = 0;
  if (mark(".")) {
    const std::size_t decimals = std::min(text.find_first_not_of("0123456789"), text.size());
    if (decimals == 0 || decimals > 9) return std::nullopt;
    const std::string padded =
        std::string(text.substr(0, decimals)) + std::string(9 - decimals, '0');
    fraction = std::stoll(padded);
    text.remove_prefix(decimals);
  }
  minutes offset{0};
  if (!mark("Zz")) {
    const bool is_west = !text.empty() && text.front() == '-';
    if (!mark("+-")) return std::nullopt;
    const auto hours_off = number(2, 0, 23);
    if (!hours_off || !mark(":")) return std::nullopt;
    const auto minutes_off = number(2, 0, 59);
    if (!minutes_off) return std::nullopt;
    offset = minutes((is_west ? -1 : 1) * (*hours_off * 60 + *minutes_off));
  }
  if (!text.empty()) return std::nullopt;
  const auto time = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) - offset;
  return nanoseconds(time.time_since_epoch()).count() + fraction;
}

std::string rfc3339_new_york(sys_seconds time) {
  const hours offset = new_york_offset(time);
  return date_and_time(civil(time + offset)) + (offset == -4h ? "-04:00" : "-05:00");
}

std::string http_date(sys_seconds time) {
  const Civil at = civil(time);
  std::string text = std::string(kWeekdays[at.weekday]) + ", ";
  append_padded(text, at.day, 2);
  text += ' ';
  text += kMonths[static_cast<std::size_t>(at.month - 1)];
  text += ' ';
  append_padded(text, at.year, 4);
  text += ' ';
  append_time(text, at);
  return text + " GMT";
}

sys_seconds next_weekday_time(sys_seconds from, seconds time_of_day) {
  for (sys_days day = floor<days>(from + new_york_offset(from));; day += days(1)) {
    const weekday name(day);
    if (name == Saturday || name == Sunday) continue;
    // Clocks change at 2:00 on Sundays, so on a weekday noon has the whole day's offset.
    const sys_seconds moment = day + time_of_day - new_york_offset(day + 17h);
    if (moment > from) return moment;
  }
}

}  // namespace leasehold::paper::detail
