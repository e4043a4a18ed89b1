// The exchange's times: formats, New York's clocks, session boundaries.
#include "paper/market/market_time.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace leasehold::paper::detail;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

sys_seconds utc(int y, unsigned m, unsigned d, seconds time) {
  return sys_days(year(y) / month(m) / day(d)) + time;
}

}  // namespace

TEST_CASE("timestamps carry nanoseconds, without superfluous zeros") {
  CHECK(rfc3339(1'702'420'284'577'215'743) == "2023-12-12T22:31:24.577215743Z");
  CHECK(rfc3339(1'702'420'284'500'000'000) == "2023-12-12T22:31:24.5Z");
  CHECK(rfc3339(1'702'420'284'000'000'001) == "2023-12-12T22:31:24.000000001Z");
  CHECK(rfc3339(1'702'420'284'000'000'000) == "2023-12-12T22:31:24Z");
  CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
}

TEST_CASE("New York changes its clocks on two Sundays at two o'clock") {
  CHECK(rfc3339_new_york(utc(2025, 6, 24, 18h + 15min + 22s)) == "2025-06-24T14:15:22-04:00");
  CHECK(rfc3339_new_york(utc(2025, 3, 9, 7h - 1s)) == "2025-03-09T01:59:59-05:00");
  CHECK(rfc3339_new_york(utc(2025, 3, 9, 7h)) == "2025-03-09T03:00:00-04:00");
  CHECK(rfc3339_new_york(utc(2025, 11, 2, 6h - 1s)) == "2025-11-02T01:59:59-04:00");
  CHECK(rfc3339_new_york(utc(2025, 11, 2, 6h)) == "2025-11-02T01:00:00-05:00");
  CHECK(rfc3339_new_york(utc(2026, 1, 1, 2h)) == "2025-12-31T21:00:00-05:00");
}

TEST_CASE("the next session is on a weekday, and later than now") {
  const auto closes = [](sys_seconds from) {
    return rfc3339_new_york(next_weekday_time(from, kMarketCloses));
  };
  CHECK(closes(utc(2025, 6, 24, 20h - 1s)) == "2025-06-24T16:00:00-04:00");  // a Tuesday
  CHECK(closes(utc(2025, 6, 24, 20h)) == "2025-06-25T16:00:00-04:00");
  CHECK(closes(utc(2025, 6, 27, 21h)) == "2025-06-30T16:00:00-04:00");  // from Friday to Monday
  CHECK(closes(utc(2025, 6, 28, 12h)) == "2025-06-30T16:00:00-04:00");
  CHECK(closes(utc(2025, 3, 7, 22h)) == "2025-03-10T16:00:00-04:00");  // the clocks change between
  CHECK(closes(utc(2025, 10, 31, 23h)) == "2025-11-03T16:00:00-05:00");
  CHECK(closes(utc(2025, 6, 25, 2h)) == "2025-06-25T16:00:00-04:00");  // Tuesday there, still
  CHECK(rfc3339_new_york(next_weekday_time(utc(2025, 6, 24, 13h), kMarketOpens)) ==
        "2025-06-24T09:30:00-04:00");
}

TEST_CASE("a timestamp is read with any number of decimals and any offset") {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t time = 1'702'420'284 * kSecond;
  CHECK(read_rfc3339("2023-12-12T22:31:24Z") == time);
  CHECK(read_rfc3339("2023-12-12t22:31:24z") == time);
  CHECK(read_rfc3339("2023-12-12T22:31:24.5Z") == time + kSecond / 2);
  CHECK(read_rfc3339("2023-12-12T22:31:24.577215743Z") == time + 577'215'743);
  CHECK(read_rfc3339("2023-12-12T17:31:24-05:00") == time);
  CHECK(read_rfc3339("2023-12-13T04:01:24.000+05:30") == time);
  CHECK(read_rfc3339("2024-02-29T00:00:00Z"));
  CHECK(read_rfc3339(rfc3339(time + 1)) == time + 1);
  for (const char* const text :
       {"", "2023-12-12", "2023-12-12T22:31:24", "2023-12-12 22:31:24Z", "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z", "2023-12-12T24:00:00Z", "2023-12-12T22:60:00Z",
        "2023-12-12T22:31:61Z", "2023-12-12T22:31:24.Z", "2023-12-12T22:31:24.0123456789Z",
        "2023-12-12T22:31:24Zx", "2023-12-12T22:31:24+5:00", "2023-12-12T22:31:24+05",
        "2023-12-12T22:31:24+24:00", "23-12-12T22:31:24Z", "2023-12-12T22:31:-4Z", "now"}) {
    CAPTURE(text);
    CHECK_FALSE(read_rfc3339(text));
  }
}

TEST_CASE("the Date header is in HTTP's format") {
  CHECK(http_date(sys_seconds(784'111'777s)) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("the exchange's clock begins at the wall clock's time and goes with the steady one") {
  const ExchangeClock clock;
  const steady_clock::time_point moment = steady_clock::now();
  CHECK(clock.at(moment + 250ms) - clock.at(moment) == 250'000'000);
  const auto wall = nanoseconds(system_clock::now().time_since_epoch()).count();
  CHECK(clock.at(std::chrono::steady_clock::now()) - wall < 3'600'000'000'000);
  CHECK(wall - clock.at(std::chrono::steady_clock::now()) < 3'600'000'000'000);
}
