#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "paper/market/accounts.hpp"
#include "paper/market/identifiers.hpp"
#include "paper/market/market_time.hpp"
#include "paper/market/order_desk.hpp"
#include "paper/server/http_response.hpp"
#include "paper/server/request_handler.hpp"

namespace leasehold::paper::detail {

// The exchange's endpoints. One per event loop; they share the desk.
//
// Thread: its event loop's.
class Routes final : public RequestHandler {
 public:
  // `desk`, `accounts` and `clock` outlive it; the desk is for these accounts.
  Routes(OrderDesk& desk, const Accounts& accounts, const ExchangeClock& clock,
         std::chrono::microseconds latency)
      : desk_(desk), accounts_(accounts), clock_(clock), latency_(latency) {}

  Reply answer(const HttpRequest& request, std::uint64_t connection, TimePoint now) override;
  Reply refuse(const HttpRefusal& refusal, TimePoint now) override;
  void replied(std::uint64_t receipt) override { desk_.replied(receipt); }

 private:
  struct Call {  // a request on its way through the routes
    std::string_view body;
    std::string_view query;
    std::uint64_t connection;
    std::int64_t received_ns;
    std::string segment = {};  // of the path, decoded: which order
    std::size_t account = kFirstAccount;
    std::uint64_t receipt = 0;  // set by who wrote to the ledger
    bool served = false;        // by an endpoint; what is refused before takes no time
  };
  struct Route {
    std::string_view path;
    bool has_segment;   // one more of it, after a slash
    HttpMethod method;  // GET: and HEAD
    HttpResponse (Routes::*serve)(Call&);

    bool leads_to(std::string_view where) const;
  };
  static const std::array<Route, 9> kRoutes;

  HttpResponse dispatch(const HttpRequest& request, Call& call);
  bool authenticate(const HttpRequest& request, Call& call) const;
  static Arrival arrival(const Call& call);
  std::optional<OrderForm> order_form(Call& call);
  static HttpResponse decided(const OrderDesk::Decision& decision, Call& call);
  HttpResponse post_order(Call& call);
  HttpResponse refuse_stranger(bool makes_order, Call& call);
  HttpResponse replace_order(Call& call);
  HttpResponse cancel_order(Call& call);
  HttpResponse cancel_orders(Call& call);
  HttpResponse list_orders(Call& call);
  HttpResponse get_order(Call& call);
  HttpResponse find_order(Call& call);
  HttpResponse clock(Call& call);
  HttpResponse ledger(Call& call);
  std::string_view date(TimePoint now);

  OrderDesk& desk_;
  const Accounts& accounts_;
  const ExchangeClock& clock_;
  const std::chrono::microseconds latency_;
  IdSource ids_;
  std::chrono::sys_seconds date_of_{};  // when date_ was written
  std::string date_;
};

}  // namespace leasehold::paper::detail
