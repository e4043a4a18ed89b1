#include "paper/routes.hpp"

#include <algorithm>
#include <utility>

#include "leasehold/deadline.hpp"
#include "paper/market/order_codec.hpp"
#include "paper/market/order_rules.hpp"
#include "paper/server/http_text.hpp"

namespace leasehold::paper::detail {

namespace {

constexpr std::string_view kOrders = "/v2/orders";

HttpResponse error(int status, int code, std::string_view message) {
  HttpResponse response{.status = status};
  write_error(response.body, code, message);
  return response;
}

HttpResponse error(const ApiError& error_) {
  return error(error_.status, error_.code, error_.message);
}

HttpResponse not_allowed(std::string_view allow) {
  HttpResponse response = error(405, 40510000, "method not allowed");
  response.allow = allow;
  return response;
}

}  // namespace

const std::array<Routes::Route, 4> Routes::kRoutes = {{
    {kOrders, true, &Routes::post_order},
    {"/v2/orders:by_client_order_id", false, &Routes::find_order},
    {"/v2/clock", false, &Routes::clock},
    {"/_sim/ledger", false, &Routes::ledger},
}};

Reply Routes::answer(const HttpRequest& request, std::uint64_t connection, TimePoint now) {
  Call call{
      .body = request.body, .query = {}, .connection = connection, .received_ns = clock_.at(now)};
  const HttpResponse response = dispatch(request, call);
  Reply reply{.bytes = {},
              .due = call.served ? Deadline::in(latency_, now).at() : now,
              .close = !request.keep_alive,
              .receipt = call.receipt};
  append_response(reply.bytes, response,
                  {.request_id = ids_.request_id(),
                   .date = date(now),
                   .keep_alive = request.keep_alive,
                   .head_only = request.method == HttpMethod::head});
  return reply;
}

Reply Routes::refuse(const HttpRefusal& refusal, TimePoint now) {
  Reply reply{.due = now, .close = true};
  append_response(reply.bytes, error(refusal.status, refusal.status * 100'000, refusal.reason),
                  {.request_id = ids_.request_id(), .date = date(now), .keep_alive = false});
  return reply;
}

HttpResponse Routes::dispatch(const HttpRequest& request, Call& call) {
  const std::string_view target = request.target;
  if (target == "*") return not_allowed("GET, HEAD, POST");  // OPTIONS, of all endpoints
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::optional<std::string> path = percent_decoded(target.substr(0, question), false);
  call.query = target.substr(std::min(question + 1, target.size()));
  if (path && path->starts_with("/v2/") && !authenticate(request, call)) {
    return refuse_stranger(path == kOrders && request.method == HttpMethod::post, call);
  }
  const auto route = std::find_if(kRoutes.begin(), kRoutes.end(),
                                  [&](const Route& known) { return path == known.path; });
  if (route == kRoutes.end()) return error(404, 40410000, "endpoint not found");
  const bool allowed =
      route->posts ? request.method == HttpMethod::post
                   : request.method == HttpMethod::get || request.method == HttpMethod::head;
  if (!allowed) return not_allowed(route->posts ? "POST" : "GET, HEAD");
  call.served = true;
  return (this->*route->serve)(call);
}

bool Routes::authenticate(const HttpRequest& request, Call& call) const {
  if (!accounts_.need_keys()) return true;
  const auto account = accounts_.opened_by(request.header("APCA-API-KEY-ID").value_or(""),
                                           request.header("APCA-API-SECRET-KEY").value_or(""));
  if (account) call.account = *account;
  return account.has_value();
}

HttpResponse Routes::refuse_stranger(bool order, Call& call) {
  constexpr int kUnauthorized = 401;
  if (order) {
    Arrival strange = arrival(call);
    strange.account.reset();
    const std::optional<OrderForm> form = read_order_form(call.body);
    call.receipt = desk_.refuse(strange, form ? form->client_order_id : "", kUnauthorized);
  }
  return error(kUnauthorized, 0, "unauthorized.");
}

Arrival Routes::arrival(const Call& call) {
  return {.received_ns = call.received_ns,
          .connection = call.connection,
          .body_hash = fnv1a(call.body),
          .account = call.account};
}

// The order of checks is the API's: rate limits will come before, funds and holdings after the
// unique id.
HttpResponse Routes::post_order(Call& call) {
  const Arrival arrival = Routes::arrival(call);
  std::optional<OrderForm> form = read_order_form(call.body);
  if (!form) {
    call.receipt = desk_.refuse(arrival, "", 400);
    return error(400, 40010000, "request body format is invalid");
  }
  std::variant<OrderTerms, ApiError> ruling = apply_rules(*form);
  if (const ApiError* broken = std::get_if<ApiError>(&ruling)) {
    call.receipt = desk_.refuse(arrival, form->client_order_id, broken->status);
    return error(*broken);
  }
  OrderTerms& terms = std::get<OrderTerms>(ruling);
  if (terms.client_order_id.empty()) terms.client_order_id = ids_.uuid();
  const OrderDesk::Decision decision = desk_.place(arrival, std::move(terms), ids_.uuid());
  call.receipt = decision.seq;
  if (!decision.order) {
    // The code while the earlier order is live; orders do not end yet.
    return error(422, 42210000, "client_order_id must be unique");
  }
  HttpResponse response;
  write_order(response.body, *decision.order);
  return response;
}

HttpResponse Routes::find_order(Call& call) {
  const std::optional<std::string> id = query_value(call.query, "client_order_id");
  if (!id || id->empty()) return error(422, 40010001, "client_order_id is required");
  if (!is_utf8(*id)) return error(422, 40010001, "client_order_id is not UTF-8");
  const std::optional<Order> order = desk_.find(*id, call.account);
  if (!order) return error(404, 40410000, "order not found for " + *id);
  HttpResponse response;
  write_order(response.body, *order);
  return response;
}

HttpResponse Routes::clock(Call& call) {
  HttpResponse response;
  write_clock(response.body, call.received_ns);
  return response;
}

HttpResponse Routes::ledger(Call&) {
  HttpResponse response;
  write_ledger(response.body, desk_.ledger());
  return response;
}

std::string_view Routes::date(TimePoint now) {
  const std::chrono::sys_seconds second = whole_seconds(clock_.at(now));
  if (date_.empty() || second != date_of_) {
    date_ = http_date(second);
    date_of_ = second;
  }
  return date_;
}

}  // namespace leasehold::paper::detail
