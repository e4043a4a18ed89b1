// Every hostile server, through lease.send(), and through the send() of each source of clients:
// what they say became of a request, and what the server has received of it. SIGPIPE ends this
// program.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <semaphore>
#include <string>
#include <type_traits>

#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/client_source.hpp"
#include "leasehold/request_channel.hpp"
#include "support/deadly_sigpipe.hpp"
#include "support/exchange_requests.hpp"
#include "support/hostile_server.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;
using Begins = Script::Begins;
using End = Conversation::End;

namespace {

using Clock = Deadline::Clock;

// How send() ends.
struct Ending {
  Fate fate = Fate::answered;
  Phase phase = Phase::none;
  Cause cause = Cause::none;

  bool operator==(const Ending&) const = default;
};

constexpr Ending kAnswered{};
constexpr Ending not_sent(Phase phase, Cause cause) { return {Fate::not_sent, phase, cause}; }
constexpr Ending in_doubt(Phase phase, Cause cause) { return {Fate::in_doubt, phase, cause}; }

// What a server does to a connection, and what becomes of the request that meets it.
struct Row {
  Script script;
  Ending ending;
  std::optional<Ending> by_source = {};  // of a source's send(), where it is another
  std::size_t padding = 0;               // behind the order in the request's body
  // The script acts between two requests when it gets this; the row is about the second. (A server
  // that ends the connection with its answer is seen to do so by who reads it.)
  std::counting_semaphore<>* idle = nullptr;
};

struct Way {
  bool by_source;  // its send(), else lease.send()
  bool prepared;   // a PreparedRequest
  bool used;       // on a connection that has been used before
};

doctest::String toString(const Way& way) {
  return (std::string(way.by_source ? "a source's send()" : "lease.send()") +
          (way.prepared ? ", prepared" : "") +
          (way.used ? ", on a used connection" : ", on a new connection"))
      .c_str();
}

// For what is over long before on a machine that works.
constexpr auto kAmple = 5min;
// What a request that is to end by its deadline is given; doubled where the machine was too busy
// for it to get as far as its row says.
constexpr std::chrono::milliseconds kShort = 300ms;
constexpr std::chrono::milliseconds kLongest = 10s;
// Nothing of it is waited for: who is later than its deadline by this hangs.
constexpr auto kHangs = 30s;

// A channel, as if it were a source; it has no leases.
class Channel {
 public:
  Channel(const ClientSettings& client, const ChannelSettings& settings)
      : channel_(client, settings) {}
  Outcome send(const Request& request, Deadline until) {
    return channel_.submit(request, until).get();
  }
  Outcome send(const PreparedRequest& request, std::string_view body, Deadline until) {
    return channel_.submit(request, body, until).get();
  }
  ClientLease acquire() { return {}; }
  void close(Deadline until) { channel_.close(until); }

 private:
  RequestChannel channel_;
};

// A source of one client.
template <class Source>
auto settings_of_one() {
  if constexpr (std::is_same_v<Source, ClientPool>) {
    return patient_pool({.size = 1});
  } else if constexpr (std::is_same_v<Source, ClientPerThread>) {
    return PerThreadSettings{.max_threads = 1};
  } else {
    return ChannelSettings{.clients = 1};
  }
}

// One row, put to the library in one way.
template <class Source>
class Run {
 public:
  Run(const Row& row, Way way)
      : row_(row),
        way_(way),
        server_(row.script, way.used ? 1 : 0),
        source_(server_.client(), settings_of_one<Source>()) {}

  // False if the deadline came before the request was where its row has it end.
  bool is_as_promised(std::chrono::milliseconds time) {
    if (way_.used) expect_answer("before");
    if (row_.idle != nullptr) {
      row_.idle->release();
      server_.await_done(0);
    }

    const auto until = Clock::now() + time;
    const Outcome outcome = send("row", row_.padding, until);
    CHECK(Clock::now() < until + kHangs);
    const Ending ending{outcome.fate(), outcome.fault().phase, outcome.fault().cause};
    const Ending due = way_.by_source && row_.by_source ? *row_.by_source : row_.ending;
    if (time < kLongest && ending.cause == Cause::deadline && ending.phase < due.phase) {
      return false;
    }
    CAPTURE(outcome.sentence());
    CHECK(ending == due);
    if (outcome) CHECK(outcome.response().body() == body_of_answer("row"));

    if (row_.script.begins == Begins::connect) server_.listen();
    expect_answer("next");
    lease_.release();
    expect_answer("next but one");
    source_.close(Clock::now());
    check(server_.await_all_over(), ending.fate);
    return true;
  }

 private:
  static std::string body_of_answer(const std::string& id) {
    return R"({"client_order_id":")" + id + "\"}";
  }

  Outcome send(const std::string& id, std::size_t padding, Deadline until) {
    static const Header headers[] = {{"Content-Type", "application/json"}};
    static const PreparedRequest prepared(Method::post, "/v2/orders", headers);
    const std::string body = order_json(id) + std::string(padding, ' ');
    const Request request{
        .method = Method::post, .path = "/v2/orders", .headers = headers, .body = body};
    if (way_.by_source) {
      return way_.prepared ? source_.send(prepared, body, until) : source_.send(request, until);
    }
    if (!lease_) lease_ = source_.acquire();
    return way_.prepared ? lease_.send(prepared, body, until) : lease_.send(request, until);
  }

  // Of a request that nothing stands in the way of.
  void expect_answer(const std::string& id) {
    CAPTURE(id);
    const Outcome outcome = send(id, 0, Clock::now() + kAmple);
    CAPTURE(outcome.sentence());
    REQUIRE(outcome);
    CHECK(outcome.response().body() == body_of_answer(id));
  }

  void check(const Received& received, Fate fate) {
    CHECK(received.doubles() == 0);
    CHECK(received.requests.contains("next"));
    CHECK(received.requests.contains("next but one"));
    if (fate == Fate::not_sent) CHECK_FALSE(received.requests.contains("row"));
    if (fate == Fate::answered) CHECK(received.requests.contains("row"));
    // What was hostile is not used again, and nothing else is replaced.
    CHECK(received.connections == (row_.script.begins == Begins::connect ? 1 : 2));
    CHECK(sigpipe_is_deadly());
  }

  const Row& row_;
  const Way way_;
  HostileServer server_;
  Source source_;
  ClientLease lease_;
};

template <class Source>
void check(const Row& row, Way way) {
  if (way.used ? row.script.begins != Begins::request : row.idle != nullptr) return;
  CAPTURE(way);
  auto time = row.ending.cause == Cause::deadline ? kShort : kAmple;
  while (!Run<Source>(row, way).is_as_promised(time)) time *= 2;
}

void check(const Row& row) {
  // A lease is the same, whoever lent it.
  check<ClientPool>(row, {.by_source = false, .prepared = false, .used = false});
  check<ClientPool>(row, {.by_source = false, .prepared = true, .used = true});
  check<ClientPool>(row, {.by_source = true, .prepared = false, .used = true});
  check<ClientPool>(row, {.by_source = true, .prepared = true, .used = false});
  check<ClientPerThread>(row, {.by_source = true, .prepared = false, .used = false});
  check<ClientPerThread>(row, {.by_source = true, .prepared = true, .used = true});
  check<Channel>(row, {.by_source = true, .prepared = false, .used = false});
  check<Channel>(row, {.by_source = true, .prepared = true, .used = true});
}

// Reads the request, sends `answer` if there is one, and ends its side.
Script answers_and_ends(std::string answer, End how) {
  return {.play = [=](Conversation& c) {
    c.read_request();
    if (!answer.empty()) c.write(answer);
    c.end(how);
    c.carry_on();
  }};
}

Script ends_when_told(End how, std::counting_semaphore<>& told) {
  return {.play = [how, &told](Conversation& c) {
    static_cast<void>(told.try_acquire_for(kAmple));
    c.end(how);
    c.carry_on();
  }};
}

Script ignores() {
  return {.play = [](Conversation& c) { c.ignore(); }};
}

}  // namespace

TEST_CASE("what a server refuses to connect is not sent") {
  check({.script = {.begins = Begins::connect},
         .ending = not_sent(Phase::connect, Cause::connect_failed)});
}

TEST_CASE("what waits for a handshake that never comes is not sent, and ends by its deadline") {
  check({.script = {.play = [](Conversation& c) { c.ignore(); }, .begins = Begins::handshake},
         .ending = not_sent(Phase::handshake, Cause::deadline)});
}

TEST_CASE("a reset behind the handshake meets the probe, and no request") {
  check({.script = {.play =
                        [](Conversation& c) {
                          c.handshake();
                          c.end(End::reset);
                        },
                    .begins = Begins::handshake},
         .ending = not_sent(Phase::handshake, Cause::connection_broken)});
}

TEST_CASE("what a server never reads is in doubt as soon as a part of it is out") {
  // Several times what kernels keep of what is not read.
  constexpr std::size_t large = 24'000'000;
  check({.script = ignores(), .ending = in_doubt(Phase::write, Cause::deadline), .padding = large});
  check({.script = ignores(), .ending = in_doubt(Phase::read, Cause::deadline)});
}

TEST_CASE("what a server has read and not answered is in doubt, however it ends") {
  check({.script = answers_and_ends("", End::close_notify),
         .ending = in_doubt(Phase::read, Cause::peer_closed)});
  check({.script = answers_and_ends("", End::fin),
         .ending = in_doubt(Phase::read, Cause::peer_closed)});
  check({.script = answers_and_ends("", End::reset),
         .ending = in_doubt(Phase::read, Cause::connection_broken)});
}

TEST_CASE("an answer in drips does not put off the deadline") {
  check({.script = {.play = [](Conversation& c) { c.drip(answer_to(c.read_request().id), 700ms); }},
         .ending = in_doubt(Phase::read, Cause::deadline)});
}

TEST_CASE("a part of an answer is none, whether its length is fixed or chunked") {
  const std::string fixed = answer_to("row");
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrow\r\n";
  for (const std::string& part : {fixed.substr(0, fixed.size() / 2),      // in the headers
                                  fixed.substr(0, fixed.size() - 1),      // in the body
                                  chunked.substr(0, chunked.size() - 3),  // in a chunk
                                  chunked, chunked + "0\r\n"}) {
    CAPTURE(part);
    for (const End how : {End::close_notify, End::fin}) {
      check({.script = answers_and_ends(part, how),
             .ending = in_doubt(Phase::read, Cause::peer_closed)});
    }
    check({.script = answers_and_ends(part, End::reset),
           .ending = in_doubt(Phase::read, Cause::connection_broken)});
  }
}

TEST_CASE("an answer that nobody has asked for is nobody's, though it comes with one") {
  check({.script = {.play =
                        [](Conversation& c) {
                          c.write(answer_to(c.read_request().id) + answer_to("unasked"));
                          c.carry_on();
                        }},
         .ending = kAnswered});
}

TEST_CASE("a connection that the server wants closed is not used again, closed or not") {
  const std::string answer = answer_to("row", "Connection: close\r\n");
  for (const End how : {End::close_notify, End::fin}) {
    check({.script = answers_and_ends(answer, how), .ending = kAnswered});
  }
  check({.script = {.play =
                        [answer](Conversation& c) {
                          c.read_request();
                          c.write(answer);
                          c.carry_on();
                        }},
         .ending = kAnswered});
}

TEST_CASE(
    "a connection that ended while it was idle costs a lease an unsent request, a source none") {
  for (const End how : {End::close_notify, End::fin, End::reset}) {
    std::counting_semaphore<> idle{0};
    check({.script = ends_when_told(how, idle),
           .ending = not_sent(Phase::prepare, Cause::stale),
           .by_source = kAnswered,
           .idle = &idle});
  }
}

TEST_CASE("pool.send() is answered though all idle connections have ended") {
  std::counting_semaphore<> idle{0};
  HostileServer server(ends_when_told(End::close_notify, idle), 1, HostileServer::Plays::always);
  {
    ClientPool pool(server.client(), patient_pool({.size = 2}));
    const auto until = Clock::now() + kAmple;
    const auto body = [](const char* id) { return Request{.method = Method::post, .body = id}; };
    {
      ClientLease first = pool.acquire();
      ClientLease second = pool.acquire();
      REQUIRE(first.send(body(R"({"client_order_id":"a"})"), until));
      REQUIRE(second.send(body(R"({"client_order_id":"b"})"), until));
    }
    idle.release(2);
    server.await_done(0);
    server.await_done(1);
    const Outcome outcome = pool.send(body(R"({"client_order_id":"c"})"), until);
    CAPTURE(outcome.sentence());
    CHECK(outcome);
    idle.release();
  }
  const Received received = server.await_all_over();
  CHECK(received.requests == std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}});
  CHECK(received.connections == 3);
}
