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

HttpResponse not_allowed(std::string allow) {
  HttpResponse response = error(405, 40510000, "method not allowed");
  response.allow = std::move(allow);
  return response;
}

const char* name_of(HttpMethod method) {
  switch (method) {
    case HttpMethod::get:
      return "GET, HEAD";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::patch:
      return "PATCH";
    case HttpMethod::del:
      return "DELETE";
    case HttpMethod::head:
    case HttpMethod::other:
      break;
  }
  return "";
}

HttpResponse bad_body() { return error(400, 40010000, "request body format is invalid"); }

HttpResponse shown(const Order& order) {
  HttpResponse response;
  write_order(response.body, order);
  return response;
}

}  // namespace

const std::array<Routes::Route, 9> Routes::kRoutes = {{
    {kOrders, false, HttpMethod::post, &Routes::post_order},
    {kOrders, false, HttpMethod::get, &Routes::list_orders},
    {kOrders, false, HttpMethod::del, &Routes::cancel_orders},
    {kOrders, true, HttpMethod::get, &Routes::get_order},
    {kOrders, true, HttpMethod::patch, &Routes::replace_order},
    {kOrders, true, HttpMethod::del, &Routes::cancel_order},
    {"/v2/orders:by_client_order_id", false, HttpMethod::get, &Routes::find_order},
    {"/v2/clock", false, HttpMethod::get, &Routes::clock},
    {"/_sim/ledger", false, HttpMethod::get, &Routes::ledger},
}};

bool Routes::Route::leads_to(std::string_view where) const {
  if (!has_segment) return where == path;
  return where.size() > path.size() + 1 && where.starts_with(path) && where[path.size()] == '/';
}

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
  if (target == "*") return not_allowed("GET, HEAD, POST, PATCH, DELETE");  // of all endpoints
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::optional<std::string> path = percent_decoded(target.substr(0, question), false);
  call.query = target.substr(std::min(question + 1, target.size()));
  const HttpMethod method = request.method == HttpMethod::head ? HttpMethod::get : request.method;
  const Route* route = nullptr;
  std::string allow;
  for (const Route& known : kRoutes) {
    if (!path || !known.leads_to(*path)) continue;
    if (known.method == method) route = &known;
    allow.append(allow.empty() ? "" : ", ").append(name_of(known.method));
  }
  if (path && path->starts_with("/v2/") && !authenticate(request, call)) {
    return refuse_stranger(
        route != nullptr && (method == HttpMethod::post || method == HttpMethod::patch), call);
  }
  if (route == nullptr) {
    return allow.empty() ? error(404, 40410000, "endpoint not found") : not_allowed(allow);
  }
  if (route->has_segment) call.segment = path->substr(route->path.size() + 1);
  if (!is_utf8(call.segment)) return error(422, 40010001, "order id is not UTF-8");
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

HttpResponse Routes::refuse_stranger(bool makes_order, Call& call) {
  constexpr int kUnauthorized = 401;
  if (makes_order) {
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

// Nothing: it is none, and that is in the ledger.
std::optional<OrderForm> Routes::order_form(Call& call) {
  std::optional<OrderForm> form = read_order_form(call.body);
  if (!form) call.receipt = desk_.refuse(arrival(call), "", 400);
  return form;
}

HttpResponse Routes::decided(const OrderDesk::Decision& decision, Call& call) {
  call.receipt = decision.seq;
  return decision.order ? shown(*decision.order) : error(decision.error);
}

// The order of checks is the API's: rate limits will come before, funds and holdings after the
// unique id.
HttpResponse Routes::post_order(Call& call) {
  const std::optional<OrderForm> form = order_form(call);
  if (!form) return bad_body();
  std::variant<OrderTerms, ApiError> ruling = apply_rules(*form);
  if (const ApiError* broken = std::get_if<ApiError>(&ruling)) {
    call.receipt = desk_.refuse(arrival(call), form->client_order_id, broken->status);
    return error(*broken);
  }
  OrderTerms& terms = std::get<OrderTerms>(ruling);
  if (terms.client_order_id.empty()) terms.client_order_id = ids_.uuid();
  return decided(desk_.place(arrival(call), std::move(terms), ids_.uuid()), call);
}

// The order's own rules come before its state: what breaks them is refused whatever it is for.
HttpResponse Routes::replace_order(Call& call) {
  std::optional<OrderForm> form = order_form(call);
  if (!form) return bad_body();
  if (form->client_order_id.empty()) form->client_order_id = ids_.uuid();
  const auto amended = [&form](const Order& order) { return amend(order, *form); };
  return decided(
      desk_.replace(arrival(call), call.segment, form->client_order_id, amended, ids_.uuid()),
      call);
}

HttpResponse Routes::cancel_order(Call& call) {
  const std::optional<Order> order = desk_.cancel(call.segment, call.account);
  if (!order) return error(order_not_found(call.segment));
  if (order->status == OrderStatus::canceled) return {.status = 204};
  return error(422, 42210000,
               std::string("order is already in \"") + to_string(order->status) + "\" state");
}

HttpResponse Routes::cancel_orders(Call& call) {
  HttpResponse response{.status = 207};
  write_cancelled(response.body, desk_.cancel_all(call.account));
  return response;
}

HttpResponse Routes::list_orders(Call& call) {
  const auto query =
      read_query([&call](std::string_view name) { return query_value(call.query, name); });
  if (const auto* const unusable = std::get_if<ApiError>(&query)) return error(*unusable);
  HttpResponse response;
  write_orders(response.body, desk_.list(std::get<OrderQuery>(query), call.account));
  return response;
}

HttpResponse Routes::get_order(Call& call) {
  const std::optional<Order> order = desk_.find_by_id(call.segment, call.account);
  return order ? shown(*order) : error(order_not_found(call.segment));
}

HttpResponse Routes::find_order(Call& call) {
  const std::optional<std::string> id = query_value(call.query, "client_order_id");
  if (!id || id->empty()) return error(422, 40010001, "client_order_id is required");
  if (!is_utf8(*id)) return error(422, 40010001, "client_order_id is not UTF-8");
  const std::optional<Order> order = desk_.find(*id, call.account);
  return order ? shown(*order) : error(order_not_found(*id));
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
