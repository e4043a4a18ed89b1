#include "alpaca/requester.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <span>
#include <utility>

#include "alpaca/problem.hpp"
#include "alpaca/rate_report.hpp"
#include "leasehold/settings_error.hpp"

namespace leasehold::alpaca::detail {
namespace {

constexpr std::size_t kMaxKey = 128;  // characters
constexpr std::string_view kKeyExpected = "1 to 128 visible ASCII characters";

bool is_key(std::string_view key) noexcept {
  return !key.empty() && key.size() <= kMaxKey &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
}

// Whatever a budget says, asking it is no busy loop.
constexpr std::chrono::milliseconds kShortestPause{1};

// The field that is no key; empty if both are.
std::string_view bad_field(const Credentials& credentials) noexcept {
  if (!is_key(credentials.key_id)) return "credentials.key_id";
  if (!is_key(credentials.secret_key)) return "credentials.secret_key";
  return {};
}

constexpr bool makes_order(Method method) noexcept {
  return method == Method::post || method == Method::patch;
}

const Credentials& checked(const Credentials& credentials) {
  if (const std::string_view field = bad_field(credentials); !field.empty()) {
    throw SettingsError(std::string(field), "***", std::string(kKeyExpected));
  }
  return credentials;
}

const TradingSettings& checked(const TradingSettings& settings) {
  const struct {
    const char* field;
    std::chrono::milliseconds value;
  } times[] = {{"trading.request_timeout", settings.request_timeout},
               {"trading.lookup_interval", settings.lookup_interval},
               {"trading.lookup_interval_max", settings.lookup_interval_max},
               {"trading.execution_window", settings.execution_window}};
  for (const auto& each : times) {
    if (each.value >= std::chrono::milliseconds(1) && each.value <= std::chrono::hours(24))
      continue;
    throw SettingsError(each.field, std::to_string(each.value.count()) + "ms", "1ms to 24h");
  }
  return settings;
}

// A shorter key may be a word of the language's. What is put in its place is no longer than it, so
// that no memory is needed.
constexpr std::size_t kShortestHidden = 4;
constexpr std::string_view kHidden = "***";

void hide(std::string& text, std::string_view key) noexcept {
  if (key.size() < kShortestHidden) return;
  for (std::size_t at = text.find(key); at != std::string::npos;
       at = text.find(key, at + kHidden.size())) {
    text.replace(at, key.size(), kHidden);
  }
}

PreparedRequest prepared(Method method, std::string_view path, const Credentials& credentials) {
  const std::array<Header, 3> headers = {{{"APCA-API-KEY-ID", credentials.key_id},
                                          {"APCA-API-SECRET-KEY", credentials.secret_key},
                                          {"Content-Type", "application/json"}}};
  return {method, path, std::span(headers).first(makes_order(method) ? 3 : 2)};
}

}  // namespace

void hide_keys(Refused& refused, const Credentials& credentials) noexcept {
  for (const std::string_view key : {std::string_view(credentials.secret_key),  // the longer one
                                     std::string_view(credentials.key_id)}) {
    hide(refused.message, key);
    for (Extra& extra : refused.extras) {
      hide(extra.name, key);
      hide(extra.json, key);
    }
  }
}

Requester::Requester(std::unique_ptr<Carrier> carrier, const Credentials& credentials,
                     const TradingSettings& settings, RateBudget& budget, const Clock& clock)
    : carrier_(std::move(carrier)),
      credentials_(checked(credentials)),
      settings_(checked(settings)),
      budget_(budget),
      clock_(clock),
      place_(prepared(Method::post, kOrdersPath, credentials_)) {}

Outcome Requester::send(Method method, std::string_view path, std::string_view body,
                        Deadline deadline, Lane usual_lane,
                        const CallOptions& options) const noexcept {
  const Lane lane = options.lane.value_or(usual_lane);
  if (options.credentials != nullptr) return send_now(method, path, body, deadline, lane, options);
  std::optional<Fault> none = wait_for_budget(deadline, lane, options.stop);
  if (none) return Outcome(Fate::not_sent, *std::move(none));
  const TimePoint taken = clock_.now();
  Outcome outcome = send_now(method, path, body, deadline, lane, options);
  const RateReport report = outcome ? read_rate_report(outcome.response())
                                    : RateReport{.was_sent = outcome.fate() != Fate::not_sent};
  budget_.learn(report, taken, clock_.now());
  return outcome;
}

std::optional<Fault> Requester::wait_for_budget(Deadline deadline, Lane lane,
                                                const std::stop_token& stop) const noexcept {
  for (;;) {
    const TimePoint now = clock_.now();
    const std::optional<TimePoint> next = budget_.take(lane, now);
    if (!next) return std::nullopt;
    const TimePoint then = std::max(*next, now + kShortestPause);
    if (settings_.wait_for_rate && pause(clock_, then, deadline, stop)) continue;
    return Fault{.phase = Phase::wait,
                 .cause = stop.stop_requested() ? Cause::stopped : Cause::rate_limited};
  }
}

Outcome Requester::send_now(Method method, std::string_view path, std::string_view body,
                            Deadline deadline, Lane lane,
                            const CallOptions& options) const noexcept {
  const TimePoint now = clock_.now();
  TimePoint by = std::min(deadline.at(), now + settings_.request_timeout);
  // A quarter of an order's time is for finding out what became of it.
  if (makes_order(method) && now < deadline.at()) {
    by = std::min(by, now + (deadline.at() - now) / 4 * 3);
  }
  if (method == Method::post && options.credentials == nullptr) {
    return carrier_->carry(place_, body, by, lane, options.stop);
  }
  try {
    const Credentials& keys = whose(options);
    if (const std::string_view field = bad_field(keys); !field.empty()) {
      return Outcome(Fate::not_sent,
                     {.phase = Phase::prepare,
                      .cause = Cause::invalid_request,
                      .detail = problem("options." + std::string(field), "***", kKeyExpected)});
    }
    const PreparedRequest request = prepared(method, path, keys);
    return carrier_->carry(request, body, by, lane, options.stop);
  } catch (const std::bad_alloc&) {
    return Outcome(Fate::not_sent, {.phase = Phase::prepare, .cause = Cause::out_of_resources});
  }
}

bool pause(const Clock& clock, TimePoint time, Deadline deadline,
           const std::stop_token& stop) noexcept {
  if (time >= deadline.at()) return false;
  leasehold::detail::WakeSignal stopped;
  const std::stop_callback on_stop(stop, [&stopped] { stopped.set(); });
  return !await_set(clock, stopped, time, [&stop] { return !stop.stop_requested(); });
}

}  // namespace leasehold::alpaca::detail
