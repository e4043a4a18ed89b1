#include "alpaca/rate_report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/http_grammar.hpp"

namespace leasehold::alpaca::detail {
namespace {

constexpr std::int64_t kMostRequests = 1'000'000'000;
constexpr std::int64_t kLongest = 60;  // seconds of a window

std::optional<std::int64_t> number(std::optional<std::string_view> text) noexcept {
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> number_from(std::int64_t least, std::int64_t most,
                                        std::optional<std::string_view> text) noexcept {
  const std::optional<std::int64_t> value = number(text);
  if (!value || *value < least || *value > most) return std::nullopt;
  return value;
}

std::optional<std::chrono::seconds> to_reset(const Response& response) noexcept {
  const std::optional<std::int64_t> reset = number(response.header("X-Ratelimit-Reset"));
  const std::optional<std::string_view> date = response.header("Date");
  const std::optional<std::int64_t> now = date ? read_http_date(*date) : std::nullopt;
  // Both in whole seconds. What is past or far off is no time of a window's.
  if (reset && now && *reset >= *now && *reset - *now <= kLongest) {
    return std::chrono::seconds(std::max<std::int64_t>(1, *reset - *now));
  }
  if (response.status() != 429) return std::nullopt;
  const std::optional<std::int64_t> after =
      number_from(1, kLongest, response.header("Retry-After"));
  if (!after) return std::nullopt;
  return std::chrono::seconds(*after);
}

}  // namespace

RateReport read_rate_report(const Response& response) noexcept {
  return {.status = response.status(),
          .limit = number_from(1, kMostRequests, response.header("X-Ratelimit-Limit")),
          .remaining = number_from(0, kMostRequests, response.header("X-Ratelimit-Remaining")),
          .to_reset = to_reset(response)};
}

std::optional<std::int64_t> read_http_date(std::string_view text) noexcept {
  // "Sun, 06 Nov 1994 08:49:37 GMT"; 0 is any digit, A any letter.
  constexpr std::string_view kShape = "AAA, 00 AAA 0000 00:00:00 GMT";
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != kShape.size()) return std::nullopt;
  const auto fits = [](char shape, char c) {
    if (shape == '0') return leasehold::detail::is_digit(c);
    return shape == 'A' ? c > ' ' && c < 0x7f : c == shape;
  };
  if (!std::equal(text.begin(), text.end(), kShape.begin(),
                  [&](char c, char shape) { return fits(shape, c); })) {
    return std::nullopt;
  }
  const auto at = [text](std::size_t begin, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(begin, size)) value = 10 * value + (c - '0');
    return value;
  };
  const auto* const month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  using namespace std::chrono;
  const auto number_of_month = static_cast<unsigned>(month - kMonths.begin() + 1);
  const year_month_day date(year(at(12, 4)), std::chrono::month(number_of_month),
                            day(static_cast<unsigned>(at(5, 2))));
  const int of_day = at(17, 2) * 3600 + at(20, 2) * 60 + at(23, 2);
  if (!date.ok() || at(17, 2) > 23 || at(20, 2) > 59 || at(23, 2) > 60) return std::nullopt;
  return sys_days(date).time_since_epoch().count() * std::int64_t{86400} + of_day;
}

}  // namespace leasehold::alpaca::detail
