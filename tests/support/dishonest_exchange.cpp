// dishonest-exchange FAULT CA_FILE: an exchange that does one thing wrong with every third order,
// so that a program which accounts for its orders can be seen to notice.
//
//   forget        answers as if it had made the order, and did not
//   receive-twice takes the order a second time, unasked
//   mix-up        answers with the order it made before
//   error         makes the order, and answers with HTTP 500
//   invent        makes another order beside it, under its id and what clears a terminal
//   no-ledger     does all orders right, and has no ledger to show
//   lost-ledger   does all orders right, and has a ledger (HEAD) that it does not show (GET)
//   half-ledger   does all orders right, and shows the beginning of its ledger only
//   deep-ledger   does all orders right, and shows a ledger of a million lists in each other
//
// Prints its origin, then the client_order_id of each order it did wrong; ends with its standard
// input.
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "paper/market/order_codec.hpp"
#include "paper/market/order_desk.hpp"
#include "paper/routes.hpp"
#include "paper/server/acceptor.hpp"
#include "paper/server/certificate_authority.hpp"
#include "paper/server/http_response.hpp"
#include "paper/server/tls_server.hpp"

namespace {

using namespace leasehold::paper::detail;

enum class Fault {
  forget,
  receive_twice,
  mix_up,
  error,
  invent,
  no_ledger,
  lost_ledger,
  half_ledger,
  deep_ledger
};

const std::map<std::string_view, Fault> faults = {
    {"forget", Fault::forget},           {"receive-twice", Fault::receive_twice},
    {"mix-up", Fault::mix_up},           {"error", Fault::error},
    {"invent", Fault::invent},           {"no-ledger", Fault::no_ledger},
    {"lost-ledger", Fault::lost_ledger}, {"half-ledger", Fault::half_ledger},
    {"deep-ledger", Fault::deep_ledger},
};

// The endpoints of an honest exchange, and a fault on top.
class Dishonest final : public RequestHandler {
 public:
  Dishonest(Fault fault, OrderDesk& desk, OrderDesk& other_desk, const ExchangeClock& clock)
      : fault_(fault),
        honest_(desk, no_accounts_, clock, {}),
        elsewhere_(other_desk, no_accounts_, clock, {}) {}

  Reply answer(const HttpRequest& request, std::uint64_t connection, TimePoint now) override {
    if (request.target == "/_sim/ledger") {
      if (std::optional<Reply> reply = wrong_ledger(request, now)) return *std::move(reply);
    }
    if (fault_ >= Fault::no_ledger || request.method != HttpMethod::post) {
      return honest_.answer(request, connection, now);
    }
    if (++orders_ % 3 != 0) {
      Reply reply = honest_.answer(request, connection, now);
      last_bytes_ = reply.bytes;
      return reply;
    }
    const std::optional<OrderForm> form = read_order_form(request.body);
    std::printf("%s\n", form ? form->client_order_id.c_str() : "?");
    std::fflush(stdout);
    return wrong(request, connection, now);
  }
  Reply refuse(const HttpRefusal& refusal, TimePoint now) override {
    return honest_.refuse(refusal, now);
  }
  void replied(std::uint64_t receipt) override { honest_.replied(receipt); }

 private:
  // None: the honest one.
  std::optional<Reply> wrong_ledger(const HttpRequest& request, TimePoint now) const {
    if (fault_ == Fault::no_ledger) return status(404, now, request.method);
    if (request.method != HttpMethod::get) return std::nullopt;
    constexpr std::size_t levels = 1'000'000;
    switch (fault_) {
      case Fault::lost_ledger:
        return status(404, now);
      case Fault::half_ledger:
        return status(200, now, HttpMethod::get, R"({"count":9,"entries":[)");
      case Fault::deep_ledger:
        return status(
            200, now, HttpMethod::get,
            R"({"count":1,"entries":)" + std::string(levels, '[') + std::string(levels, ']') + '}');
      default:
        return std::nullopt;
    }
  }

  Reply wrong(const HttpRequest& request, std::uint64_t connection, TimePoint now) {
    if (fault_ == Fault::forget) {
      Reply reply = elsewhere_.answer(request, connection, now);
      reply.receipt = 0;  // the other desk's
      return reply;
    }
    Reply reply = honest_.answer(request, connection, now);
    if (fault_ == Fault::receive_twice) honest_.answer(request, connection, now);
    if (fault_ == Fault::invent) invent(request, connection, now);
    if (fault_ == Fault::mix_up) reply.bytes = last_bytes_;
    if (fault_ == Fault::error) reply.bytes = status(500, now).bytes;
    return reply;
  }

  void invent(HttpRequest request, std::uint64_t connection, TimePoint now) {
    std::string body(request.body);
    const std::string id = read_order_form(body)->client_order_id;
    body.insert(body.find(id) + id.size(), R"(\u001b[2J)");
    request.body = body;
    honest_.answer(request, connection, now);
  }

  static Reply status(int status, TimePoint now, HttpMethod method = HttpMethod::get,
                      const std::string& body = "{}") {
    Reply reply{.due = now};
    append_response(reply.bytes, {.status = status, .body = body},
                    {.request_id = "0",
                     .date = "Thu, 01 Jan 1970 00:00:00 GMT",
                     .head_only = method == HttpMethod::head});
    return reply;
  }

  const Fault fault_;
  const Accounts no_accounts_;
  Routes honest_;
  Routes elsewhere_;
  std::size_t orders_ = 0;
  std::string last_bytes_;  // the last right answer to an order
};

int serve(Fault fault, const char* ca_file) {
  const ExchangeClock clock;
  OrderDesk desk([&clock] { return clock.at(std::chrono::steady_clock::now()); });
  OrderDesk other_desk([&clock] { return clock.at(std::chrono::steady_clock::now()); });
  const CertificateAuthority authority;
  std::ofstream(ca_file) << authority.pem();
  Listener listener = listen_on("127.0.0.1", 0);
  const int port = listener.port;
  const ServerLimits limits{.idle_timeout = std::chrono::minutes(5),
                            .stall_timeout = std::chrono::minutes(5),
                            .max_connections = 1000};
  // One thread, so that every third order of all is the third of one handler.
  TlsServer server(std::move(listener), authority.issue({}, {"127.0.0.1"}), limits, kSteadyTime, 1,
                   [&] { return std::make_unique<Dishonest>(fault, desk, other_desk, clock); });
  std::printf("https://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  while (std::fgetc(stdin) != EOF) {
  }
  server.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto fault = argc == 3 ? faults.find(argv[1]) : faults.end();
  if (fault == faults.end()) {
    std::fputs("usage: dishonest-exchange FAULT CA_FILE\n", stderr);
    return 2;
  }
  return serve(fault->second, argv[2]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "dishonest-exchange: %s\n", error.what());
  return 1;
}
