// How many requests an account may still send: learned from what the venue says, and never waiting
// for what it says wrongly.
#include "leasehold/alpaca/rate_budget.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "alpaca/rate_report.hpp"
#include "alpaca/rate_window.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/settings_error.hpp"
#include "support/leaping_clock.hpp"
#include "support/refused_setting.hpp"
#include "support/scripted_carrier.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using namespace std::chrono_literals;
using leasehold::alpaca::detail::RateWindow;
using leasehold::alpaca::detail::read_http_date;
using leasehold::alpaca::detail::read_rate_report;
using leasehold::test::answered;
using leasehold::test::LeapingClock;
using leasehold::test::ScriptedCarrier;

namespace {

using TimePoint = RateBudget::TimePoint;
constexpr TimePoint kStart{1h};

RateReport said(std::int64_t remaining, std::optional<std::chrono::seconds> to_reset = 30s) {
  return {.status = 200, .limit = 200, .remaining = remaining, .to_reset = to_reset};
}
RateReport refused(std::optional<std::chrono::seconds> to_reset = {}) {
  return {.status = 429, .limit = 200, .remaining = 0, .to_reset = to_reset};
}

// How many may be sent at this time.
int count(RateWindow& window, Lane lane, TimePoint now) {
  int taken = 0;
  while (taken < 1000 && !window.take(lane, now)) ++taken;
  return taken;
}

// A venue that counts as Alpaca does: so many in each minute of its own.
struct CountingVenue {
  RateReport ask(TimePoint now) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    if (minute != window) counted = 0;
    window = minute;
    ++asked;
    ++counted;
    const auto to_reset = std::chrono::ceil<std::chrono::seconds>(minute + 1min - now);
    most = std::max(most, counted);
    return {.status = counted > limit ? 429 : 200,
            .limit = limit,
            .remaining = std::max<std::int64_t>(0, limit - counted),
            .to_reset = to_reset};
  }

  std::int64_t limit = 200;
  std::int64_t counted = 0;
  std::int64_t most = 0;  // in one window
  std::int64_t asked = 0;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::minutes> window{};
};

}  // namespace

TEST_CASE("before the venue has said anything there is no bound") {
  RateWindow window(20);
  CHECK(count(window, Lane::normal, kStart) == 1000);
}

TEST_CASE("what the venue has left is sent, but for the reserve, which is for urgent requests") {
  RateWindow window(20);
  window.take(Lane::normal, kStart);
  window.learn(said(150), kStart, kStart);
  CHECK(count(window, Lane::normal, kStart) == 130);
  CHECK(*window.take(Lane::normal, kStart) == kStart + 30s);
  CHECK(count(window, Lane::urgent, kStart) == 20);
  CHECK(*window.take(Lane::urgent, kStart + 29s) == kStart + 30s);
  CHECK_FALSE(window.take(Lane::normal, kStart + 30s));
}

TEST_CASE("no more than half of a window is kept") {
  RateWindow window(1000);
  window.take(Lane::normal, kStart);
  window.learn({.status = 200, .limit = 10, .remaining = 9, .to_reset = 30s}, kStart, kStart);
  CHECK(count(window, Lane::normal, kStart) == 4);
  CHECK(count(window, Lane::urgent, kStart) == 5);
}

TEST_CASE("what others send for the account counts too") {
  RateWindow window(0);
  for (int i = 0; i < 3; ++i) window.take(Lane::normal, kStart);
  window.learn(said(199), kStart, kStart);
  window.learn(said(97), kStart, kStart);  // a hundred of others'
  CHECK(count(window, Lane::normal, kStart) == 97);
}

TEST_CASE("an answer of the window before changes nothing") {
  RateWindow window(0);
  const TimePoint next = kStart + 60s;
  for (int i = 0; i < 3; ++i) window.take(Lane::normal, kStart);
  window.learn(said(199, 60s), kStart, kStart);
  window.take(Lane::normal, next);
  window.learn(said(0, 1s), kStart, next);
  window.learn(refused(1s), kStart, next);
  // Two that were under way, and one of this window's.
  CHECK(count(window, Lane::normal, next) == 197);
}

TEST_CASE("after a 429 nothing is sent before the venue's time, not even what is urgent") {
  RateWindow window(20);
  for (int i = 0; i < 5; ++i) window.take(Lane::normal, kStart);
  window.learn(refused(40s), kStart, kStart);
  window.learn(said(3, 40s), kStart, kStart + 1s);  // was answered before, and came after
  for (const auto after : {0s, 1s, 20s, 39s}) {
    CHECK(*window.take(Lane::urgent, kStart + after) == kStart + 40s);
  }
  CHECK_FALSE(window.take(Lane::urgent, kStart + 40s));
}

TEST_CASE("a 429 that does not say until when is tried by one, ever more rarely, up to a minute") {
  RateWindow window(20);
  TimePoint now = kStart;
  CHECK_FALSE(window.take(Lane::normal, now));
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    window.learn(refused(), now, now);
    CHECK(*window.take(Lane::normal, now) == now + wait);
    now += wait;
    CHECK(count(window, Lane::normal, now) == 1);
  }
  window.learn(said(120), now, now);
  CHECK(count(window, Lane::urgent, now) == 120);
  // From the beginning again.
  window.learn(refused(), now, now);
  CHECK(*window.take(Lane::normal, now) == now + 1s);
}

TEST_CASE("after a 429 one tries when its time has come, and the others follow its success") {
  RateWindow window(20);
  window.take(Lane::normal, kStart);
  window.learn(refused(40s), kStart, kStart);
  const TimePoint then = kStart + 40s;
  CHECK(count(window, Lane::normal, then) == 1);
  // Soon, not when it could be tried again: for its answer opens the rest.
  CHECK(*window.take(Lane::urgent, then) <= then + 100ms);
  SUBCASE("an answer without a word of the limit is one too") {
    window.learn({.status = 404}, then, then + 5ms);
    CHECK(count(window, Lane::normal, then + 5ms) == 180);
  }
  SUBCASE("an answer that counts") {
    window.learn(said(150), then, then + 5ms);
    CHECK(count(window, Lane::normal, then + 5ms) == 130);
  }
  SUBCASE("a gateway's answer is none: it is tried again") {
    window.learn({.status = 502}, then, then + 5ms);
    CHECK(count(window, Lane::normal, then + 5ms) == 0);
    CHECK(count(window, Lane::normal, *window.take(Lane::normal, then + 5ms)) == 1);
  }
  SUBCASE("one that was not sent was no try") {
    window.learn({.was_sent = false}, then, then + 5ms);
    CHECK(count(window, Lane::normal, then + 5ms) == 1);
  }
}

TEST_CASE("a venue whose resets are false is tried ever more rarely, not flooded") {
  for (const std::optional<std::chrono::seconds> reset :
       {std::optional<std::chrono::seconds>(1s), std::optional<std::chrono::seconds>()}) {
    RateWindow window(20);
    int asked = 0;
    for (TimePoint now = kStart; now < kStart + 1h; now += 10ms) {
      while (!window.take(Lane::urgent, now)) {
        ++asked;
        window.learn(refused(reset), now, now);
      }
    }
    CHECK(asked >= 60);
    CHECK(asked <= 70);
  }
}

TEST_CASE("what was not sent is given back, also when the window has changed meanwhile") {
  RateWindow window(0);
  window.take(Lane::normal, kStart);
  window.learn(said(10, 30s), kStart, kStart);
  for (int round = 0; round < 100; ++round) {
    CHECK_FALSE(window.take(Lane::normal, kStart));
    window.learn({.was_sent = false}, kStart, kStart);
  }
  CHECK(count(window, Lane::normal, kStart) == 10);
  CHECK(count(window, Lane::normal, kStart + 30s) == 190);  // ten may still be counted there
  for (int i = 0; i < 10; ++i) window.learn({.was_sent = false}, kStart, kStart + 31s);
  CHECK(count(window, Lane::normal, kStart + 31s) == 10);
}

TEST_CASE("those that were under way together are one 429") {
  RateWindow window(20);
  for (int i = 0; i < 50; ++i) window.take(Lane::normal, kStart);
  for (int i = 0; i < 50; ++i) window.learn(refused(), kStart, kStart);
  CHECK(*window.take(Lane::normal, kStart) == kStart + 1s);
}

TEST_CASE("whatever comes and goes, the venue is not asked for more than it allows") {
  std::mt19937_64 random(7);
  const auto pick = [&random](std::int64_t below) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  };
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    RateWindow window(20);
    CountingVenue venue;
    std::deque<std::pair<RateReport, TimePoint>> under_way;  // their answers
    TimePoint now = kStart + std::chrono::milliseconds(pick(60'000));
    // The first tells what there is.
    CHECK_FALSE(window.take(Lane::normal, now));
    window.learn(venue.ask(now), now, now);
    for (int step = 0; step < 20'000; ++step) {
      if (under_way.size() < 16 && pick(2) == 0) {
        if (!window.take(pick(4) == 0 ? Lane::urgent : Lane::normal, now)) {
          under_way.emplace_back(venue.ask(now), now);
        }
      } else if (!under_way.empty() && pick(2) == 0) {
        const auto at = pick(static_cast<std::int64_t>(under_way.size()));
        const auto& [report, taken] = under_way[static_cast<std::size_t>(at)];
        window.learn(report, taken, now);
        under_way.erase(under_way.begin() + at);
      }
      if (step % 10 == 0) now += std::chrono::milliseconds(pick(400));
    }
    CHECK(venue.most <= venue.limit);
    // Nor is it left unused.
    CHECK(venue.asked > venue.limit * ((now - kStart) / 1min) * 3 / 4);
  }
}

TEST_CASE("headers are read, and those that cannot be are not there") {
  constexpr const char* kDate = "Date: Wed, 22 Mar 2023 03:00:00 GMT\r\n";  // 1679454000
  const auto read = [](int status, const std::string& headers) {
    return read_rate_report(answered(status, "", headers).response());
  };
  const RateReport whole = read(200, std::string(kDate) +
                                         "X-RateLimit-Limit: 200\r\nx-ratelimit-remaining: 195\r\n"
                                         "X-Ratelimit-Reset: 1679454017\r\n");
  CHECK(whole.was_sent);
  CHECK(whole.status == 200);
  CHECK(whole.limit == 200);
  CHECK(whole.remaining == 195);
  CHECK(whole.to_reset == 17s);
  for (const char* const reset :
       {"1679453999", "1679454061", "0", "-1", "soon", "", "99999999999999999999", "1.5", "17"}) {
    CAPTURE(reset);
    const std::string header = std::string("X-Ratelimit-Reset: ") + reset + "\r\n";
    CHECK_FALSE(read(429, kDate + header).to_reset);
    CHECK(read(429, kDate + header + "Retry-After: 7\r\n").to_reset == 7s);
    CHECK_FALSE(read(200, kDate + header + "Retry-After: 7\r\n").to_reset);
  }
  CHECK(read(200, std::string(kDate) + "X-Ratelimit-Reset: 1679454000\r\n").to_reset == 1s);
  CHECK_FALSE(read(200, "X-Ratelimit-Reset: 1679454017\r\n").to_reset);  // whose clock?
  for (const char* const bad : {"-1", "x", "1e3", "10000000000", " "}) {
    CAPTURE(bad);
    const RateReport report = read(200, std::string("X-Ratelimit-Limit: ") + bad +
                                            "\r\nX-Ratelimit-Remaining: " + bad + "\r\n");
    CHECK_FALSE(report.limit);
    CHECK_FALSE(report.remaining);
  }
  CHECK_FALSE(read(200, "X-Ratelimit-Limit: 0\r\n").limit);
  CHECK(read(200, "X-Ratelimit-Remaining: 0\r\n").remaining == 0);
  CHECK(read(429, "").status == 429);
  CHECK_FALSE(read(429, "Retry-After: 3600\r\n").to_reset);
}

TEST_CASE("an HTTP date is read, and what is none is not") {
  CHECK(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(read_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(read_http_date("Thu, 29 Feb 2024 23:59:60 GMT") == 1709251200);
  for (const char* const text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6  Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(read_http_date(text));
  }
}

TEST_CASE("a reserve that is less than nothing is refused") {
  CHECK(refused_setting([] { LocalRateBudget(-1); }).what() ==
        std::string(R"(reserve: "-1": expected 0 or more requests)"));
}

TEST_CASE("threads that share a budget take no more than there is") {
  LocalRateBudget budget(0);
  budget.take(Lane::normal, kStart);
  budget.learn(said(100), kStart, kStart);
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) taken += budget.take(Lane::normal, kStart) ? 0 : 1;
      });
    }
  }
  CHECK(taken == 100);
}

namespace {

const Credentials kKeys{.key_id = "PK", .secret_key = "s3cr3t"};
const NewOrder kOrder{.symbol = "SPY", .qty = Decimal::of(1), .client_order_id = "mine-1"};
constexpr const char* kAccepted = R"({"id":"1","client_order_id":"mine-1","status":"new"})";

struct Desk {
  explicit Desk(const TradingSettings& settings = {})
      : Desk(settings, std::make_unique<ScriptedCarrier>()) {}

  // So many are left, for half a minute.
  void plan(int status, int remaining, std::string body = kAccepted) {
    venue.plan([status, remaining, body = std::move(body)](const ScriptedCarrier::Carried&) {
      return answered(status, body,
                      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Ratelimit-Limit: 200\r\n"
                      "X-Ratelimit-Reset: 30\r\nX-Ratelimit-Remaining: " +
                          std::to_string(remaining) + "\r\n");
    });
  }
  Result<Accepted> submit(std::chrono::milliseconds within, const CallOptions& options = {}) {
    return client.submit(kOrder, clock.now() + within, options);
  }
  // Spent, but for the reserve.
  void spend() {
    plan(200, 20);
    CHECK(std::holds_alternative<Accepted>(submit(1s)));
  }

  LeapingClock clock;
  ScriptedCarrier& venue;
  TradingClient client;

 private:
  Desk(const TradingSettings& settings, std::unique_ptr<ScriptedCarrier> carrier)
      : venue(*carrier), client(std::move(carrier), kKeys, settings, {}, &clock) {}
};

const Fault& not_sent(const Result<Accepted>& result) {
  REQUIRE(std::holds_alternative<NotSent>(result));
  return std::get<NotSent>(result).fault;
}

}  // namespace

TEST_CASE("an order beyond the budget waits for the next window, and cancels do not") {
  Desk desk;
  desk.spend();
  desk.plan(204, 19, "");
  CHECK(std::holds_alternative<CancelRequested>(desk.client.cancel("1", desk.clock.now() + 1s)));
  CHECK(desk.clock.since_start() == 0s);
  desk.plan(200, 199);
  CHECK(std::holds_alternative<Accepted>(desk.submit(31s)));
  CHECK(desk.clock.since_start() == 30s);
}

TEST_CASE("an order that cannot wait so long is not sent, and told so at once") {
  Desk desk;
  desk.spend();
  const Fault fault = not_sent(desk.submit(29s));
  CHECK(fault.phase == Phase::wait);
  CHECK(fault.cause == Cause::rate_limited);
  CHECK(desk.clock.since_start() == 0s);
  CHECK(desk.venue.carried().size() == 1);
}

TEST_CASE("by choice it is refused at once, though there were time") {
  Desk desk({.wait_for_rate = false});
  desk.spend();
  CHECK(not_sent(desk.submit(10min)).cause == Cause::rate_limited);
  CHECK(desk.clock.since_start() == 0s);
}

TEST_CASE("an order that was not sent takes nothing from the budget") {
  Desk desk;
  desk.plan(200, 21);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  for (int i = 0; i < 3; ++i) {
    desk.venue.plan(Fate::not_sent, Phase::connect, Cause::connect_failed);
    CHECK(not_sent(desk.submit(1s)).cause == Cause::connect_failed);
  }
  desk.plan(200, 20);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  CHECK(not_sent(desk.submit(1s)).cause == Cause::rate_limited);
}

TEST_CASE(
    "a budget that names a time that is past is asked until the deadline, not in a busy loop") {
  struct Past final : RateBudget {
    std::optional<TimePoint> take(Lane, TimePoint) noexcept override {
      ++asked;
      return TimePoint();
    }
    void learn(const RateReport&, TimePoint, TimePoint) noexcept override {}
    int asked = 0;
  };
  Past budget;
  LeapingClock clock;
  const TradingClient client(std::make_unique<ScriptedCarrier>(), kKeys, {},
                             {.rate_budget = &budget}, &clock);
  CHECK(not_sent(client.submit(kOrder, clock.now() + 1s)).cause == Cause::rate_limited);
  CHECK(budget.asked > 1);
  CHECK(budget.asked <= 1000);
  CHECK(clock.since_start() < 1s);
}

TEST_CASE("a stop ends the wait for the budget") {
  Desk desk;
  desk.spend();
  std::stop_source stop;
  stop.request_stop();
  CHECK(not_sent(desk.submit(10min, {.stop = stop.get_token()})).cause == Cause::stopped);
}

TEST_CASE("a 429 is a refusal, and the next order waits until its reset") {
  Desk desk;
  desk.plan(429, 0, R"({"code":42910000,"message":"rate limit exceeded"})");
  const Result<Accepted> result = desk.submit(10min);
  REQUIRE(std::holds_alternative<Refused>(result));
  CHECK(std::get<Refused>(result).status == 429);
  desk.plan(200, 199);
  CHECK(std::holds_alternative<Accepted>(desk.submit(10min)));
  CHECK(desk.clock.since_start() == 30s);
}

TEST_CASE("an order in doubt is looked up out of the reserve") {
  Desk desk;
  desk.plan(200, 21);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  desk.venue.plan(Fate::in_doubt, Phase::read, Cause::peer_closed);
  desk.plan(200, 19);
  CHECK(std::holds_alternative<Accepted>(desk.submit(1s)));
  CHECK(desk.clock.since_start() == 0s);
}

TEST_CASE("clients of one account can share a budget; another account's keys count in none") {
  LocalRateBudget budget;
  LeapingClock clock;
  auto first = std::make_unique<ScriptedCarrier>();
  auto second = std::make_unique<ScriptedCarrier>();
  first->plan([](const ScriptedCarrier::Carried&) {
    return answered(200, kAccepted, "X-Ratelimit-Limit: 200\r\nX-Ratelimit-Remaining: 20\r\n");
  });
  second->plan(200, kAccepted);
  const TradingClient one(std::move(first), kKeys, {}, {.rate_budget = &budget}, &clock);
  const TradingClient other(std::move(second), kKeys, {}, {.rate_budget = &budget}, &clock);
  CHECK(std::holds_alternative<Accepted>(one.submit(kOrder, clock.now() + 1s)));
  CHECK(not_sent(other.submit(kOrder, clock.now() + 1s)).cause == Cause::rate_limited);
  const Credentials others{.key_id = "PKOTHER", .secret_key = "0th3r"};
  CHECK(std::holds_alternative<Accepted>(
      other.submit(kOrder, clock.now() + 1s, {.credentials = &others})));
}
