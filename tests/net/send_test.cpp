// Requests with a fate, against a real TLS server.
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "leasehold/paper/exchange.hpp"
#include "support/certificates.hpp"
#include "support/deadly_sigpipe.hpp"
#include "support/exchange_requests.hpp"
#include "support/full_backlog.hpp"
#include "support/hostile_server.hpp"
#include "support/loopback_socket.hpp"
#include "support/soon.hpp"
#include "support/tls_server.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

const Header json[] = {{"Content-Type", "application/json"}};

Outcome post(ClientPool& pool, const std::string& id) {
  const std::string body = order_json(id);
  return pool.send({.method = Method::post, .path = "/v2/orders", .headers = json, .body = body},
                   soon());
}

}  // namespace

TEST_CASE("a request is answered on one connection, again and again") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  const Outcome placed = post(pool, "first");
  INFO(placed.sentence());
  REQUIRE(placed);
  CHECK(placed.fate() == Fate::answered);
  CHECK(placed.response().status() == 200);
  CHECK(placed.response().reason() == "OK");
  CHECK(placed.response().header("content-type").value_or("").starts_with("application/json"));
  CHECK(placed.response().body().find("first") != std::string_view::npos);
  for (int i = 0; i < 20; ++i) REQUIRE(post(pool, "order-" + std::to_string(i)));
  CHECK(venue.exchange.status().connections_accepted == 1);
  CHECK(pool.status().handshakes == 1);
}

TEST_CASE("a prepared request costs its body and says the same") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  const PreparedRequest place(Method::post, "/v2/orders", json);
  const Outcome placed = pool.send(place, order_json("prepared"), soon());
  REQUIRE(placed);
  CHECK(placed.response().status() == 200);
  CHECK(placed.response().body().find("prepared") != std::string_view::npos);
}

TEST_CASE("send and plain calls share a client, and a plain call's connection serves send") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  REQUIRE(lease->Get("/v2/clock"));
  Outcome sent = lease.send({.path = "/v2/clock"}, soon());
  REQUIRE(sent);
  CHECK(sent.response().status() == 200);
  REQUIRE(lease->Get("/v2/clock"));
  REQUIRE(lease.send({.path = "/v2/clock"}, soon()));
  CHECK(venue.exchange.status().connections_accepted == 1);
  CHECK(pool.status().handshakes == 1);
}

TEST_CASE("no use of a connection that the server has ended raises a signal") {
  REQUIRE(sigpipe_is_deadly());
  // After the first request it ends the connection, in order.
  HostileServer server({.play = [](Conversation& c) {
    c.answer(c.read_request());
    c.end(Conversation::End::close_notify);
    c.carry_on();
  }});
  ClientPool pool(server.client(), patient_pool({.size = 1}));
  SUBCASE("plain calls") {
    ClientLease lease = pool.acquire();
    const auto post_plainly = [&](const char* id) {
      return lease->Post("/", order_json(id), "application/json");
    };
    REQUIRE(post_plainly("first"));
    server.await_done(0);
    static_cast<void>(post_plainly("second"));  // cpp-httplib 0.11.4 fails here
    CHECK(post_plainly("third"));
  }
  SUBCASE("send") {
    REQUIRE(post(pool, "first"));
    server.await_done(0);
    CHECK(post(pool, "second"));
  }
  SUBCASE("plain calls after send") {
    REQUIRE(post(pool, "first"));
    server.await_done(0);
    ClientLease lease = pool.acquire();
    static_cast<void>(lease->Post("/", order_json("second"), "application/json"));
    CHECK(lease->Post("/", order_json("third"), "application/json"));
  }
  CHECK(server.received().doubles() == 0);
}

TEST_CASE("what a server says beside its answer to the probe is no order's answer") {
  const Certified authority = make_root("root");
  const Certified leaf = make_server(authority);
  const TemporaryFolder folder;
  const std::string ca_file = folder.write("ca.pem", authority.pem());
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  struct Row {
    std::string answer;
    std::string sentence;
  };
  for (const Row& row :
       {Row{"HTTP/1.1 103 Early Hints\r\n\r\n" + ok, "what came is not an HTTP response"},
        Row{ok + "more", "what came is not an HTTP response"},
        Row{ok + ok, "what came is not an HTTP response"}, Row{"garbage\r\n\r\n", ""},
        Row{ok,
            "the server ended the connection (after it had answered client.probe \"HEAD /\"; "
            "choose one after which it keeps the connection)"},
        Row{"HTTP/1.1 405 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "the server ended the connection (after it had answered"}}) {
    CAPTURE(row.answer);
    const TlsServer server(leaf, {}, {.answer = row.answer});
    ClientPool pool(patient_client({.origin = server.origin(), .ca_file = ca_file}),
                    patient_pool({.size = 1}));
    const Outcome outcome = post(pool, "order");
    CAPTURE(outcome.sentence());
    CHECK(outcome.sentence().starts_with("not sent: handshake: " + row.sentence));
    CHECK(server.heads().size() == 1);
    CHECK(server.heads()[0].starts_with("HEAD / HTTP/1.1\r\n"));
  }
}

TEST_CASE("a deadline for the wait in line is none for the request") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  CHECK(pool.send({.path = "/v2/clock"}, soon(), {.deadline = std::chrono::steady_clock::now()}));
}

// cpp-httplib < 0.12 takes such a call to be under way for ever, and keeps its connection.
TEST_CASE("a client whose plain call threw and was stopped is replaced, and holds nobody up") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  REQUIRE(post(pool, "first"));
  {
    ClientLease lease = pool.acquire();
    const auto half = [](std::size_t, std::size_t, httplib::DataSink& sink) -> bool {
      sink.write("{\"client_order_id\":", 19);
      throw std::runtime_error("no more");
    };
    CHECK_THROWS_AS(lease->Post("/v2/orders", 200, half, "application/json"), std::runtime_error);
    lease->stop();
  }
  const Outcome next = post(pool, "next");
  CAPTURE(next.sentence());
  REQUIRE(next);
  CHECK(next.response().body().find("next") != std::string_view::npos);
  CHECK(venue.exchange.ledger().size() == 2);
}

TEST_CASE("many threads place every order once, through one call each") {
  Venue venue;
  constexpr int threads = 16;
  constexpr int orders = 50;
  ClientPool pool(venue.client(), patient_pool({.size = 4}));
  std::atomic<int> placed{0};
  {
    std::vector<std::jthread> tenants;
    for (int t = 0; t < threads; ++t) {
      tenants.emplace_back([&, t] {
        for (int i = 0; i < orders; ++i) {
          const Outcome outcome = post(pool, std::to_string(t) + "-" + std::to_string(i));
          if (outcome && outcome.response().status() == 200) ++placed;
        }
      });
    }
  }
  CHECK(placed == threads * orders);
  CHECK(venue.exchange.ledger().size() == threads * orders);
  CHECK(pool.status().handshakes <= 4);
}

TEST_CASE("a request that was stopped before it began is not begun, and the next one is") {
  Venue venue;
  std::stop_source stop;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  stop.request_stop();
  const Outcome outcome = lease.send({}, soon(), stop.get_token());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().cause == Cause::stopped);
  CHECK(venue.exchange.status().connections_accepted == 0);
  CHECK(lease.send({.path = "/v2/clock"}, soon()));
}

TEST_CASE("an address that does not answer is given up after connect_timeout") {
  FullBacklog nobody;
  ClientPool pool({.origin = nobody.origin(), .connect_timeout = 50ms}, patient_pool({.size = 1}));
  const Outcome outcome = pool.send({}, std::chrono::steady_clock::now() + 1h);
  CHECK(outcome.fault().cause == Cause::connect_failed);
  CHECK(outcome.fault().system_error == ETIMEDOUT);
}

TEST_CASE("what others have left in OpenSSL's error queue is not taken for a request's fault") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  for (int i = 0; i < 2; ++i) {
    ERR_raise(ERR_LIB_USER, ERR_R_OPERATION_FAIL);
    CHECK(lease.send({.path = "/v2/clock"}, soon()));
  }
  for (int i = 0; i < 2; ++i) {
    ERR_raise(ERR_LIB_USER, ERR_R_OPERATION_FAIL);
    CHECK(lease->Get("/v2/clock"));
  }
  ERR_raise(ERR_LIB_USER, ERR_R_OPERATION_FAIL);
  CHECK(lease.send({.path = "/v2/clock"}, soon()));
}

TEST_CASE("send connects after a plain call that could not") {
  const auto socket = std::make_unique<LoopbackSocket>();
  const std::string origin = socket->origin();
  ClientPool pool({.origin = origin}, patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  REQUIRE_FALSE(lease->Get("/"));
  socket->listen(1);
  auto connecting = std::async(std::launch::async, [&] { return lease.send({}, soon()); });
  const int peer = ::accept(socket->descriptor(), nullptr, nullptr);
  char hello = 0;
  CHECK(::read(peer, &hello, 1) == 1);  // the handshake has begun, on a socket of its own
  ::close(peer);
  const Outcome outcome = connecting.get();
  CHECK(outcome.fault().phase == Phase::handshake);
  CHECK(outcome.fault().cause != Cause::tls_failed);
}

TEST_CASE("a request whose deadline has passed is not begun") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  const Outcome outcome = lease.send({}, std::chrono::steady_clock::now());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().cause == Cause::deadline);
  CHECK(venue.exchange.status().connections_accepted == 0);
}

TEST_CASE("a request that cannot be written is not begun, and says why") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  const Outcome outcome = pool.send({.path = "v2/clock"}, soon());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().cause == Cause::invalid_request);
  CHECK(outcome.sentence() ==
        "not sent: prepare: the request cannot be written as it is (request.path: \"v2/clock\": "
        "expected a path from \"/\" on, visible ASCII without \"#\" (else percent-encoded))");
  CHECK(venue.exchange.status().connections_accepted == 0);
}

TEST_CASE("sending on an empty lease, or a condemned one, sends nothing and says so") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  ClientLease none = pool.try_acquire();
  const Outcome empty = none.send({}, soon());
  CHECK(empty.fate() == Fate::not_sent);
  CHECK(empty.fault().cause == Cause::empty_lease);
  CHECK(empty.fault().refusal.reason == RefusalReason::none_idle);
  REQUIRE(lease.send({.path = "/v2/clock"}, soon()));
  lease.condemn("for a test");
  const Outcome condemned = lease.send({.path = "/v2/clock"}, soon());
  CHECK(condemned.fate() == Fate::not_sent);
  CHECK(condemned.fault().cause == Cause::condemned);
  lease.release();
  CHECK(post(pool, "after"));
  CHECK(venue.exchange.status().connections_accepted == 2);
}

// Reads each request, and answers none.
const Script silent{.play = [](Conversation& c) {
  c.read_request();
  c.carry_on();
}};

TEST_CASE("close ends a request that hangs, at its deadline and not at the request's") {
  HostileServer server(silent);
  ClientPool pool(server.client(), patient_pool({.size = 1}));
  auto order = std::async(std::launch::async, [&] { return post(pool, "hanging"); });
  server.await_done(0);
  const auto report = pool.close(std::chrono::steady_clock::now() + 20ms);
  CHECK(report.cut_off == 1);
  const Outcome outcome = order.get();
  CHECK(outcome.fate() == Fate::in_doubt);
  CHECK(outcome.fault().phase == Phase::read);
  CHECK(outcome.fault().cause == Cause::closed);
  const Outcome later = post(pool, "later");
  CHECK(later.fate() == Fate::not_sent);
  CHECK(later.fault().phase == Phase::wait);
  CHECK(later.fault().cause == Cause::closed);
}

TEST_CASE("a stop ends a request that hangs, as fast, and the next one has another connection") {
  HostileServer server(silent);
  ClientPool pool(server.client(), patient_pool({.size = 1}));
  std::stop_source stop;
  auto order = std::async(std::launch::async, [&] {
    const std::string body = order_json("hanging");
    return pool.send({.method = Method::post, .path = "/", .headers = json, .body = body}, soon(),
                     {.stop = stop.get_token()});
  });
  server.await_done(0);
  stop.request_stop();
  const Outcome outcome = order.get();
  CHECK(outcome.sentence() == "in doubt: read: the caller's stop was requested");
  CHECK(post(pool, "next"));
  CHECK(server.received().connections == 2);
}

TEST_CASE("a stop ends connecting, while nobody answers and while the handshake hangs") {
  const FullBacklog nobody;
  std::binary_semaphore accepted{0};
  HostileServer mute({.play =
                          [&](Conversation& c) {
                            accepted.release();
                            c.ignore();
                          },
                      .begins = Script::Begins::handshake});
  const auto stopped = [](ClientSettings client, auto await_begun) {
    ClientPool pool(patient_client(std::move(client)), patient_pool({.size = 1}));
    std::stop_source stop;
    auto order = std::async(std::launch::async, [&] {
      return pool.send({.path = "/"}, soon(), {.stop = stop.get_token()});
    });
    await_begun();
    stop.request_stop();
    return order.get().sentence();
  };
  CHECK(stopped({.origin = nobody.origin()}, [] {}).ends_with("the caller's stop was requested"));
  CHECK(stopped(mute.client(), [&] { accepted.acquire(); }) ==
        "not sent: handshake: the caller's stop was requested");
}

TEST_CASE("a client that was cut off makes no other connection") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  ClientLease lease = pool.acquire();
  REQUIRE(lease.send({.path = "/v2/clock"}, soon()));
  CHECK(pool.close(std::chrono::steady_clock::now()).cut_off == 1);
  const Outcome outcome = lease.send({.path = "/v2/clock"}, soon());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().cause == Cause::closed);
  CHECK(venue.exchange.status().handshakes == 1);
}

TEST_CASE("without keep-alive each request has a connection of its own") {
  Venue venue;
  auto client = venue.client();
  client.keep_alive = false;
  ClientPool pool(client, patient_pool({.size = 1}));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    REQUIRE(post(pool, std::to_string(i)));
    CHECK(pool.status().handshakes == i);
  }
}

TEST_CASE("a refused connection is told by its address, and nothing was sent") {
  const LoopbackSocket nobody;
  ClientPool pool({.origin = nobody.origin()}, patient_pool({.size = 1}));
  const Outcome outcome = pool.send({}, soon());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.sentence() == "not sent: connect: no TCP connection (" + nobody.place() + ")");
}

TEST_CASE("a request for which there is no client, and no room in line, says so at once") {
  ClientPool pool({.origin = "https://127.0.0.1:1"}, patient_pool({.size = 1, .max_waiting = 0}));
  const ClientLease lease = pool.acquire();
  const Outcome outcome = pool.send({}, soon());
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().phase == Phase::wait);
  CHECK(outcome.fault().cause == Cause::no_client);
  CHECK(outcome.fault().refusal.reason == RefusalReason::line_full);
}

TEST_CASE("a name without an address is told by name") {
  const std::string host = "no-such-host.invalid";
  ClientPool pool({.origin = "https://" + host}, patient_pool({.size = 1}));
  // Where no name server is to be reached, the system's resolver takes its time to say so.
  const Outcome outcome = pool.send({}, soon() + 60s);
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().phase == Phase::connect);
  CHECK(outcome.fault().cause == Cause::name_not_resolved);
  CHECK(outcome.fault().detail.starts_with(host + ": "));
}

TEST_CASE("a failure of TLS has OpenSSL's error") {
  LoopbackSocket listener;
  listener.listen(1);
  ClientPool pool({.origin = listener.origin()}, patient_pool({.size = 1}));
  auto refused = std::async(std::launch::async, [&] { return pool.send({}, soon()); });
  const int peer = ::accept(listener.descriptor(), nullptr, nullptr);
  const std::string_view answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  CHECK(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) > 0);
  const Outcome outcome = refused.get();
  ::close(peer);
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().phase == Phase::handshake);
  CHECK(outcome.fault().cause == Cause::tls_failed);
  CHECK(outcome.fault().tls_error != 0);
}

TEST_CASE("a process without descriptors to spare is told so, and connects when it has them") {
  Venue venue;
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  // With one it could connect, and nobody could cut the connection.
  rlim_t spare = 0;
  SUBCASE("none") {}
  SUBCASE("one") { spare = 1; }
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  // The limit is the lowest number that is free.
  const int lowest = ::dup(0);
  ::close(lowest);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest) + spare;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const Outcome outcome = pool.send({.path = "/v2/clock"}, soon());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().phase == Phase::connect);
  CHECK(outcome.fault().cause == Cause::out_of_resources);
  CHECK(pool.send({.path = "/v2/clock"}, soon()));
}

TEST_CASE("descriptors beyond what select() can watch work, for send and for plain calls") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur < 2048 && limit.rlim_max >= 2048) {
    limit.rlim_cur = 2048;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  REQUIRE(limit.rlim_cur >= 2048);
  Venue venue;
  std::vector<int> fillers;
  while (fillers.empty() || fillers.back() < 1100) fillers.push_back(::dup(0));
  ClientPool pool(venue.client(), patient_pool({.size = 1}));
  const Outcome outcome = post(pool, "beyond");
  INFO(outcome.sentence());
  CHECK(outcome);
  CHECK(pool.acquire()->Get("/v2/clock"));
  for (const int filler : fillers) ::close(filler);
}
