#include "alpaca/requester.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <utility>

#include "alpaca/problem.hpp"
#include "leasehold/settings_error.hpp"

namespace leasehold::alpaca::detail {
namespace {

constexpr std::size_t kMaxKey = 128;  // characters
constexpr std::string_view kKeyExpected = "1 to 128 visible ASCII characters";

bool is_key(std::string_view key) noexcept {
  return !key.empty() && key.size() <= kMaxKey &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
}

// The field that is no key; empty if both are.
std::string_view bad_field(const Credentials& credentials) noexcept {
  if (!is_key(credentials.key_id)) return "credentials.key_id";
  if (!is_key(credentials.secret_key)) return "credentials.secret_key";
  return {};
}

const Credentials& checked(const Credentials& credentials) {
  if (const std::string_view field = bad_field(credentials); !field.empty()) {
    throw SettingsError(std::string(field), "***", std::string(kKeyExpected));
  }
  return credentials;
}

PreparedRequest prepared(Method method, std::string_view path, const Credentials& credentials) {
  const std::array<Header, 3> headers = {{{"APCA-API-KEY-ID", credentials.key_id},
                                          {"APCA-API-SECRET-KEY", credentials.secret_key},
                                          {"Content-Type", "application/json"}}};
  const bool has_body = method == Method::post || method == Method::patch;
  return {method, path, std::span(headers).first(has_body ? 3 : 2)};
}

}  // namespace

Requester::Requester(std::unique_ptr<Carrier> carrier, const Credentials& credentials)
    : carrier_(std::move(carrier)),
      credentials_(checked(credentials)),
      place_(prepared(Method::post, kOrdersPath, credentials_)) {}

Outcome Requester::send(Method method, std::string_view path, std::string_view body,
                        Deadline deadline, Lane usual_lane,
                        const CallOptions& options) const noexcept {
  const Lane lane = options.lane.value_or(usual_lane);
  if (method == Method::post && options.credentials == nullptr) {
    return carrier_->carry(place_, body, deadline, lane, options.stop);
  }
  try {
    const Credentials& whose = options.credentials != nullptr ? *options.credentials : credentials_;
    if (const std::string_view field = bad_field(whose); !field.empty()) {
      return Outcome(Fate::not_sent,
                     {.phase = Phase::prepare,
                      .cause = Cause::invalid_request,
                      .detail = problem("options." + std::string(field), "***", kKeyExpected)});
    }
    const PreparedRequest request = prepared(method, path, whose);
    return carrier_->carry(request, body, deadline, lane, options.stop);
  } catch (const std::bad_alloc&) {
    return Outcome(Fate::not_sent, {.phase = Phase::prepare, .cause = Cause::out_of_resources});
  }
}

}  // namespace leasehold::alpaca::detail
