// A channel's workers against real TLS servers. SIGPIPE ends this program.
#include "leasehold/request_channel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/paper/exchange.hpp"
#include "support/deadly_sigpipe.hpp"
#include "support/exchange_requests.hpp"
#include "support/full_backlog.hpp"
#include "support/hostile_server.hpp"
#include "support/in_child.hpp"
#include "support/no_threads.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

const Header json[] = {{"Content-Type", "application/json"}};
const PreparedRequest place(Method::post, "/v2/orders", json);

// How long a request that is to be late may take. Nothing else depends on it.
constexpr auto kShort = 50ms;

Deadline shortly() { return Deadline::Clock::now() + kShort; }

std::future<Outcome> submit(RequestChannel& channel, const std::string& id,
                            const SubmitOptions& options = {}) {
  return channel.submit(place, order_json(id), soon(), options);
}

// A server that notes the requests as they come, and answers each when it may.
class PacedServer {
 public:
  PacedServer() : server_({.play = [this](Conversation& c) { play(c); }}, 0, kAlways) {}
  ~PacedServer() { open(); }
  PacedServer(const PacedServer&) = delete;
  PacedServer& operator=(const PacedServer&) = delete;

  ClientSettings client() const { return server_.client(); }
  HostileServer& server() { return server_; }

  // All requests may be answered from now on.
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Until so many have come.
  std::vector<std::string> await_arrivals(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 2min, [&] { return arrived_.size() >= count; })) {
      throw std::runtime_error("a request never came");
    }
    return arrived_;
  }
  std::vector<std::string> arrived() {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }

 private:
  static constexpr auto kAlways = HostileServer::Plays::always;

  void play(Conversation& c) {
    for (;;) {
      const HostileRequest request = c.read_request();
      {
        std::unique_lock lock(mutex_);
        arrived_.push_back(request.id);
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
      }
      c.answer(request);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::vector<std::string> arrived_;
  HostileServer server_;
};

// Keeps the only client of a channel busy until the server is opened.
std::future<Outcome> occupy(RequestChannel& channel, PacedServer& server) {
  std::future<Outcome> outcome = submit(channel, "occupies");
  server.await_arrivals(1);
  return outcome;
}

// A callback that keeps its worker until it is let go.
class Held {
 public:
  ~Held() { let_go(); }
  RequestChannel::Callback callback() {
    return [this](const Outcome&) {
      held_.set_value();
      gone_.get_future().wait();
    };
  }
  void await() { held_.get_future().wait(); }
  void let_go() {
    if (!std::exchange(let_go_, true)) gone_.set_value();
  }

 private:
  std::promise<void> held_;
  std::promise<void> gone_;
  bool let_go_ = false;
};

// For what is there long before on a machine that works.
bool is_told(const std::future<Outcome>& outcome) {
  return outcome.wait_for(1min) == std::future_status::ready;
}

void check_ended(const Outcome& outcome, Fate fate, Phase phase, Cause cause) {
  CAPTURE(outcome.sentence());
  CHECK(outcome.fate() == fate);
  CHECK(outcome.fault().phase == phase);
  CHECK(outcome.fault().cause == cause);
}

void check_adds_up(const ChannelStatus& status) {
  CHECK(status.submitted == status.queued_urgent + status.queued_normal + status.under_way +
                                status.answered + status.not_sent + status.in_doubt);
}

}  // namespace

TEST_CASE("an outcome comes by future, by callback, or to a response channel") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 2});
  std::future<Outcome> by_future = submit(channel, "future");
  std::promise<Outcome> called;
  channel.submit(place, order_json("callback"), soon(),
                 [&called](Outcome outcome) { called.set_value(std::move(outcome)); });
  ResponseChannel responses;
  channel.submit({.path = "/v2/clock"}, soon(), responses, 7);

  const Outcome placed = by_future.get();
  REQUIRE(placed);
  CHECK(placed.response().status() == 200);
  CHECK(placed.response().body().find("future") != std::string_view::npos);
  CHECK(called.get_future().get());
  const auto arrival = responses.receive(soon());
  REQUIRE(arrival);
  CHECK(arrival->id == 7);
  CHECK(arrival->outcome.response().status() == 200);

  const ChannelStatus status = channel.status();
  CHECK(status.submitted == 3);
  CHECK(status.answered == 3);
  check_adds_up(status);
}

TEST_CASE("what try_submit accepts ends as what submit accepts") {
  Venue venue;
  RequestChannel channel(venue.client());
  Submitted submitted = channel.try_submit(place, order_json("future"), soon());
  REQUIRE(submitted);
  CHECK(submitted.outcome.get());
  std::promise<Outcome> called;
  CHECK(channel
            .try_submit({.path = "/v2/clock"}, soon(),
                        [&called](Outcome outcome) { called.set_value(std::move(outcome)); })
            .cause == Cause::none);
  CHECK(called.get_future().get());
  ResponseChannel responses;
  CHECK(channel.try_submit({.path = "/v2/clock"}, soon(), responses, 9).cause == Cause::none);
  CHECK(responses.receive(soon())->outcome);
}

TEST_CASE("many threads place every order once, through few connections") {
  constexpr std::size_t threads = 16;
  constexpr std::size_t orders = 45;
  ChannelSettings settings;
  SUBCASE("one worker") { settings = {.workers = 1, .clients = 4, .capacity = 4096}; }
  SUBCASE("three workers") { settings = {.workers = 3, .clients = 7, .capacity = 4096}; }
  Venue venue;
  RequestChannel channel(venue.client(), settings);
  std::atomic<std::size_t> placed{0};
  const auto note = [&placed](const Outcome& outcome) {
    if (outcome && outcome.response().status() == 200) ++placed;
  };
  {
    std::vector<std::jthread> tenants;
    for (std::size_t t = 0; t < threads; ++t) {
      tenants.emplace_back([&, t] {
        ResponseChannel responses;
        std::vector<std::future<Outcome>> futures;
        std::size_t expected = 0;
        for (std::size_t i = 0; i < orders; ++i) {
          const std::string body = order_json(std::to_string(t) + "-" + std::to_string(i));
          const SubmitOptions options{.tenant = t, .ordered = t % 2 == 0};
          switch (i % 3) {
            case 0:
              futures.push_back(channel.submit(place, body, soon(), options));
              break;
            case 1:
              channel.submit(place, body, soon(), note, options);
              break;
            default:
              channel.submit(place, body, soon(), responses, i, options);
              ++expected;
          }
        }
        for (auto& future : futures) note(future.get());
        for (; expected != 0; --expected) note(responses.receive(soon()).value().outcome);
      });
    }
  }
  const ChannelCloseReport report = channel.close(soon());
  CHECK(report.submitted == threads * orders);
  CHECK(report.answered == threads * orders);
  CHECK(report.cut_off == 0);
  CHECK(placed == threads * orders);
  CHECK(channel.status().handshakes <= settings.clients);
  std::set<std::string> ids;
  for (const auto& entry : venue.exchange.ledger()) {
    CHECK(entry.outcome == paper::OrderOutcome::committed);
    CHECK(ids.insert(entry.client_order_id).second);
  }
  CHECK(ids.size() == threads * orders);
}

TEST_CASE("requests begin in the order of submission, urgent ones first") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  std::vector<std::future<Outcome>> outcomes;
  outcomes.push_back(occupy(channel, server));
  for (const char* const id : {"normal 1", "normal 2"}) outcomes.push_back(submit(channel, id));
  for (const char* const id : {"urgent 1", "urgent 2"}) {
    outcomes.push_back(submit(channel, id, {.lane = Lane::urgent}));
  }
  outcomes.push_back(submit(channel, "normal 3"));
  const ChannelStatus status = channel.status();
  CHECK(status.queued_urgent == 2);
  CHECK(status.queued_normal == 3);
  CHECK(status.under_way == 1);
  check_adds_up(status);
  server.open();
  for (auto& outcome : outcomes) CHECK(outcome.get());
  CHECK(server.arrived() == std::vector<std::string>{"occupies", "urgent 1", "urgent 2", "normal 1",
                                                     "normal 2", "normal 3"});
}

TEST_CASE("as many requests are under way as there are clients, on one thread") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 5});
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 8; ++i) outcomes.push_back(submit(channel, std::to_string(i)));
  server.await_arrivals(5);
  const ChannelStatus status = channel.status();
  CHECK(status.under_way == 5);
  CHECK(status.queued_normal == 3);
  server.open();
  for (auto& outcome : outcomes) CHECK(outcome.get());
}

TEST_CASE("a tenant's ordered requests begin when the callback of the last has returned") {
  Venue venue;
  RequestChannel channel(venue.client(), {.workers = 2, .clients = 6});
  constexpr int orders = 40;
  std::atomic<bool> in_callback{false};
  std::atomic<int> overlaps{0};
  std::vector<int> order;  // of the callbacks: one after the other
  for (int i = 0; i < orders; ++i) {
    const Lane lane = i % 3 == 0 ? Lane::urgent : Lane::normal;
    channel.submit(place, order_json("ordered-" + std::to_string(i)), soon(),
                   [&, i](const Outcome& outcome) {
                     if (in_callback.exchange(true)) ++overlaps;
                     if (outcome) order.push_back(i);
                     std::this_thread::yield();
                     in_callback = false;
                   },
                   {.lane = lane, .tenant = 5, .ordered = true});
    submit(channel, "other-" + std::to_string(i), {.tenant = 5});
  }
  CHECK(channel.close(soon()).answered == 2 * orders);
  CHECK(overlaps == 0);
  CHECK(order.size() == orders);
  CHECK(std::ranges::is_sorted(order));
  std::vector<std::string> committed;
  for (const auto& entry : venue.exchange.ledger()) {
    if (entry.client_order_id.starts_with("ordered-")) committed.push_back(entry.client_order_id);
  }
  for (int i = 0; i < orders; ++i)
    CHECK(committed[static_cast<std::size_t>(i)] == "ordered-" + std::to_string(i));
}

TEST_CASE("a full channel refuses at once, typed, and takes the next when there is room") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1, .capacity = 2});
  std::vector<std::future<Outcome>> outcomes;
  outcomes.push_back(occupy(channel, server));
  outcomes.push_back(submit(channel, "first"));
  outcomes.push_back(submit(channel, "second"));
  const Submitted refused = channel.try_submit(place, order_json("third"), soon());
  CHECK_FALSE(refused);
  CHECK(refused.fault.cause == Cause::channel_full);
  CHECK_FALSE(refused.outcome.valid());
  check_ended(submit(channel, "fourth").get(), Fate::not_sent, Phase::wait, Cause::channel_full);
  bool called = false;
  channel.submit(place, order_json("fifth"), soon(), [&called](const Outcome& outcome) {
    called = outcome.fault().cause == Cause::channel_full;
  });
  CHECK(called);
  CHECK(channel.status().refused == 3);
  server.open();
  for (auto& outcome : outcomes) CHECK(outcome.get());
  CHECK(submit(channel, "sixth").get());
  CHECK(server.server().received().requests.count("third") == 0);
}

TEST_CASE("what cannot be accepted is told why, and nothing is sent") {
  Venue venue;
  RequestChannel channel(venue.client());
  check_ended(channel.submit({.path = "/"}, Deadline::Clock::now()).get(), Fate::not_sent,
              Phase::wait, Cause::deadline);
  std::stop_source stop;
  stop.request_stop();
  check_ended(channel.submit({.path = "/"}, soon(), {.stop = stop.get_token()}).get(),
              Fate::not_sent, Phase::wait, Cause::stopped);
  const Outcome outcome = channel.submit({.path = "no slash"}, soon()).get();
  check_ended(outcome, Fate::not_sent, Phase::prepare, Cause::invalid_request);
  CHECK(outcome.sentence().find("no slash") != std::string::npos);
  CHECK(channel.status().refused == 3);
  CHECK(venue.exchange.status().connections_accepted == 0);
}

TEST_CASE("a storm of invalid requests takes no place from good ones") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1, .capacity = 1});
  std::future<Outcome> first = occupy(channel, server);
  std::vector<Header> headers(10'000, {"X-Many", "x"});
  headers.back().value = "\n";  // it takes long to find
  std::atomic<bool> blows{false};
  const std::jthread storm([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      check_ended(channel.submit({.path = "/", .headers = headers}, soon()).get(), Fate::not_sent,
                  Phase::prepare, Cause::invalid_request);
      blows = true;
    }
  });
  await([&] { return blows.load(); });
  for (int i = 0; i < 100; ++i) {
    std::stop_source stop;
    std::future<Outcome> good = submit(channel, "good", {.stop = stop.get_token()});
    stop.request_stop();
    check_ended(good.get(), Fate::not_sent, Phase::wait, Cause::stopped);
  }
  // What is wrong with it is told though there is no place.
  std::future<Outcome> good = submit(channel, "good");
  CHECK(channel.try_submit({.path = "no slash"}, soon()).fault.cause == Cause::invalid_request);
  server.open();
  CHECK(first.get());
  CHECK(good.get());
}

TEST_CASE("a request is late while it waits, though the only client is busy, and is never sent") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  std::future<Outcome> first = occupy(channel, server);
  std::future<Outcome> late = channel.submit(place, order_json("late"), shortly());
  check_ended(late.get(), Fate::not_sent, Phase::wait, Cause::deadline);
  server.open();
  CHECK(first.get());
  CHECK(submit(channel, "next").get());
  CHECK(server.arrived() == std::vector<std::string>{"occupies", "next"});
}

TEST_CASE("a request is late while it is under way, and in doubt") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 2});
  std::chrono::milliseconds time = kShort;
  for (;; time *= 2) {  // until the machine was quick enough for it to be sent
    const Outcome late =
        channel.submit(place, order_json("late"), Deadline::Clock::now() + time).get();
    CHECK(late.fault().cause == Cause::deadline);
    if (late.fate() == Fate::in_doubt) break;
    CHECK(time < 1min);
  }
  server.open();
  CHECK(submit(channel, "next").get());
}

TEST_CASE("a request that is stopped before it has begun is never sent, and ends at once") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  std::future<Outcome> first = occupy(channel, server);
  std::stop_source stop;
  std::future<Outcome> stopped = submit(channel, "stopped", {.stop = stop.get_token()});
  std::future<Outcome> next = submit(channel, "next");
  stop.request_stop();
  check_ended(stopped.get(), Fate::not_sent, Phase::wait, Cause::stopped);
  server.open();
  CHECK(first.get());
  CHECK(next.get());
  CHECK(server.arrived() == std::vector<std::string>{"occupies", "next"});
}

TEST_CASE("a request that is stopped while it is under way ends at once, in doubt") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  std::stop_source stop;
  std::future<Outcome> stopped = submit(channel, "stopped", {.stop = stop.get_token()});
  server.await_arrivals(1);
  stop.request_stop();
  check_ended(stopped.get(), Fate::in_doubt, Phase::read, Cause::stopped);
  server.open();
  CHECK(submit(channel, "next").get());
  CHECK(channel.status().handshakes == 2);
}

TEST_CASE("a stop that comes too late changes nothing") {
  Venue venue;
  RequestChannel channel(venue.client());
  std::stop_source stop;
  std::future<Outcome> answered = submit(channel, "answered", {.stop = stop.get_token()});
  CHECK(answered.get());
  stop.request_stop();
  CHECK(submit(channel, "next").get());
  CHECK(channel.status().handshakes == 1);
}

TEST_CASE("a client that connects holds up nobody else's request, and can be stopped") {
  // The first connection's handshake is never answered; all others are served.
  HostileServer server(
      {.play = [](Conversation& c) { c.ignore(); }, .begins = Script::Begins::handshake});
  RequestChannel channel(server.client(), {.clients = 2});
  std::stop_source stop;
  std::future<Outcome> hangs = submit(channel, "hangs", {.stop = stop.get_token()});
  await([&] { return server.received().connections == 1; });
  for (int i = 0; i < 5; ++i) CHECK(submit(channel, std::to_string(i)).get());
  CHECK(hangs.wait_for(0s) == std::future_status::timeout);
  stop.request_stop();
  const Outcome stopped = hangs.get();
  CHECK(stopped.fate() == Fate::not_sent);
  CHECK(stopped.fault().cause == Cause::stopped);
  CHECK(server.received().requests.count("hangs") == 0);
  for (int i = 5; i < 8; ++i) CHECK(submit(channel, std::to_string(i)).get());
}

TEST_CASE("a connection that nobody accepts ends in time, not sent") {
  const FullBacklog full;
  RequestChannel channel(patient_client({.origin = full.origin(), .verify = false}));
  const Outcome late = channel.submit({.path = "/"}, shortly()).get();
  CHECK(late.fate() == Fate::not_sent);
  CHECK(late.fault().cause == Cause::deadline);
}

TEST_CASE("a server that ends its connections costs the next request nothing but a new one") {
  // Ends each connection after each answer, in order.
  HostileServer server({.play =
                            [](Conversation& c) {
                              c.answer(c.read_request());
                              c.end(Conversation::End::close_notify);
                              c.carry_on();
                            }},
                       0, HostileServer::Plays::always);
  RequestChannel channel(server.client(), {.clients = 2});
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(submit(channel, std::to_string(i)).get());
    server.await_done(i);
  }
  CHECK(server.received().doubles() == 0);
}

TEST_CASE("an answer of many reads comes whole, while others are answered") {
  const std::string large(3'000'000, 'x');
  HostileServer server({.play =
                            [&large](Conversation& c) {
                              for (;;) {
                                const HostileRequest request = c.read_request();
                                if (request.id != "much") {
                                  c.answer(request);
                                  continue;
                                }
                                c.write("HTTP/1.1 200 OK\r\nContent-Length: " +
                                        std::to_string(large.size()) + "\r\n\r\n" + large);
                              }
                            }},
                       0, HostileServer::Plays::always);
  RequestChannel channel(server.client(), {.clients = 2});
  std::future<Outcome> much = submit(channel, "much");
  for (int i = 0; i < 20; ++i) CHECK(submit(channel, std::to_string(i)).get());
  const Outcome outcome = much.get();
  REQUIRE(outcome);
  CHECK((outcome.response().body() == large));
}

TEST_CASE("a callback that throws is counted, and harms nobody") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 1});
  channel.submit(place, order_json("throws"), soon(),
                 [](const Outcome&) { throw std::runtime_error("the book is closed"); });
  channel.submit(place, order_json("throws a number"), soon(), [](const Outcome&) { throw 7; });
  CHECK(submit(channel, "next").get());
  CHECK(channel.close(soon()).answered == 3);
  const ChannelStatus status = channel.status();
  CHECK(status.callback_failures == 2);
  CHECK(status.last_callback_failure == "not a std::exception");
}

TEST_CASE("a callback may submit, ask for the status, and stop others") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 1});
  std::promise<std::future<Outcome>> promise;
  std::stop_source stop;
  channel.submit(place, order_json("first"), soon(),
                 [&](const Outcome& outcome) {
                   CHECK(outcome);
                   CHECK(channel.status().answered >= 1);
                   stop.request_stop();
                   promise.set_value(submit(channel, "from the callback"));
                 },
                 {.stop = stop.get_token()});
  CHECK(promise.get_future().get().get());
}

TEST_CASE("a response channel that has ended harms none of its requests") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  {
    ResponseChannel responses;
    channel.submit(place, order_json("first"), soon(), responses, 1);
    channel.submit(place, order_json("second"), soon(), responses, 2);
    server.await_arrivals(1);
  }
  server.open();
  CHECK(channel.close(soon()).answered == 2);
}

TEST_CASE("where no thread can be started to connect with, the request is not sent") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 1});
  {
    const NoThreads none;
    check_ended(submit(channel, "first").get(), Fate::not_sent, Phase::connect,
                Cause::out_of_resources);
  }
  CHECK(submit(channel, "second").get());
  CHECK(venue.exchange.ledger().size() == 1);
}

TEST_CASE("close has everything done that is there, and refuses what comes") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 2});
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 6; ++i) outcomes.push_back(submit(channel, std::to_string(i)));
  server.await_arrivals(2);
  auto closing = std::async(std::launch::async, [&] { return channel.close(soon()); });
  await([&] { return channel.closed(); });
  check_ended(submit(channel, "too late").get(), Fate::not_sent, Phase::wait, Cause::closed);
  server.open();
  const ChannelCloseReport report = closing.get();
  CHECK(report.drained == 6);
  CHECK(report.answered == 6);
  CHECK(report.submitted == 6);
  for (auto& outcome : outcomes) CHECK(outcome.get());
  CHECK(channel.close(soon()).answered == 6);
}

TEST_CASE("at its deadline close drops what waits, and interrupts what is under way") {
  PacedServer server;
  RequestChannel channel(server.client(), {.workers = 2, .clients = 2});
  std::vector<std::future<Outcome>> begun;
  for (int i = 0; i < 2; ++i) begun.push_back(submit(channel, "begun " + std::to_string(i)));
  server.await_arrivals(2);
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(submit(channel, "waits " + std::to_string(i)));
  const ChannelCloseReport report = channel.close(shortly());
  for (auto& outcome : begun) {
    check_ended(outcome.get(), Fate::in_doubt, Phase::read, Cause::closed);
  }
  for (auto& outcome : waiting) {
    check_ended(outcome.get(), Fate::not_sent, Phase::wait, Cause::closed);
  }
  CHECK(report.drained == 0);
  CHECK(report.dropped == 3);
  CHECK(report.cut_off == 2);
  CHECK(report.submitted == 5);
  CHECK(report.in_doubt == 2);
  CHECK(report.not_sent == 3);
  check_adds_up(channel.status());
}

TEST_CASE("close interrupts a client that connects, and its request is not sent") {
  HostileServer server(
      {.play = [](Conversation& c) { c.ignore(); }, .begins = Script::Begins::handshake});
  RequestChannel channel(server.client());
  std::future<Outcome> hangs = submit(channel, "hangs");
  await([&] { return server.received().connections == 1; });
  const ChannelCloseReport report = channel.close(Deadline::Clock::now());
  CHECK(report.cut_off == 1);
  const Outcome outcome = hangs.get();
  CHECK(outcome.fate() == Fate::not_sent);
  CHECK(outcome.fault().cause == Cause::closed);
}

TEST_CASE("close is not held up by a thread that goes on submitting") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1, .capacity = 4});
  std::future<Outcome> first = occupy(channel, server);
  std::future<ChannelCloseReport> closing;
  std::atomic<bool> refused_as_closed{false};
  const std::jthread submitter([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      const Submitted submitted = channel.try_submit(place, order_json("more"), soon());
      if (submitted.fault.cause == Cause::closed) refused_as_closed = true;
    }
  });
  await([&] { return channel.status().queued_normal == 4; });
  closing = std::async(std::launch::async, [&] { return channel.close(shortly()); });
  REQUIRE(closing.wait_for(1min) == std::future_status::ready);
  const ChannelCloseReport report = closing.get();
  CHECK(report.dropped == 4);
  CHECK(report.cut_off == 1);
  check_ended(first.get(), Fate::in_doubt, Phase::read, Cause::closed);
  await([&] { return refused_as_closed.load(); });
}

TEST_CASE("close from a callback begins it, and does not wait for itself") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 1});
  std::promise<ChannelCloseReport> closed;
  channel.submit(place, order_json("first"), soon(),
                 [&](const Outcome&) { closed.set_value(channel.close(soon())); });
  CHECK(closed.get_future().get().submitted == 1);
  CHECK(channel.closed());
  CHECK(channel.close(soon()).answered == 1);
}

TEST_CASE("a channel that ends gives every request its outcome, in whatever stage it is") {
  PacedServer server;
  std::vector<std::future<Outcome>> outcomes;
  {
    RequestChannel channel(server.client(), {.clients = 2});
    for (int i = 0; i < 6; ++i) outcomes.push_back(submit(channel, std::to_string(i)));
    server.await_arrivals(2);
  }
  std::size_t in_doubt = 0;
  for (auto& each : outcomes) {
    REQUIRE(each.wait_for(0s) == std::future_status::ready);
    const Outcome outcome = each.get();
    CHECK(outcome.fault().cause == Cause::closed);
    in_doubt += outcome.fate() == Fate::in_doubt ? 1 : 0;
  }
  CHECK(in_doubt == 2);
}

TEST_CASE("when close returns, no callback is left, nor what it held") {
  Venue venue;
  RequestChannel channel(venue.client(), {.clients = 2});
  const auto held = std::make_shared<int>(1);
  for (int i = 0; i < 10; ++i) {
    channel.submit(place, order_json(std::to_string(i)), soon(), [held](const Outcome&) {},
                   {.ordered = i % 2 == 0});
  }
  CHECK(channel.close(soon()).answered == 10);
  CHECK(held.use_count() == 1);
}

TEST_CASE("without keep-alive every request has a connection of its own") {
  Venue venue;
  ClientSettings settings = venue.client();
  settings.keep_alive = false;
  RequestChannel channel(settings, {.clients = 2});
  for (int i = 0; i < 4; ++i) CHECK(submit(channel, std::to_string(i)).get());
  CHECK(channel.status().handshakes == 4);
}

TEST_CASE("settings that cannot be used are refused by name when the channel is made") {
  Venue venue;
  const auto refusal = [&](const ChannelSettings& settings) -> std::string {
    try {
      const RequestChannel channel(venue.client(), settings);
      return "none";
    } catch (const SettingsError& error) {
      return error.what();
    }
  };
  CHECK(refusal({.workers = 0}).find("channel.workers") != std::string::npos);
  CHECK(refusal({.workers = 3, .clients = 2}).find("channel.clients") != std::string::npos);
  CHECK(refusal({.capacity = 0}).find("channel.capacity") != std::string::npos);
}

TEST_CASE("in a forked child everything is refused, and the parent's requests go on") {
  PacedServer server;
  auto channel = std::make_unique<RequestChannel>(server.client(), ChannelSettings{.clients = 2});
  std::future<Outcome> begun = occupy(*channel, server);
  CHECK(in_child([&] {
    const Outcome refused = submit(*channel, "child").get();
    const bool told = refused.fate() == Fate::not_sent && refused.fault().cause == Cause::forked;
    const bool try_told = channel->try_submit({.path = "/"}, soon()).fault.cause == Cause::forked;
    static_cast<void>(channel->status());
    static_cast<void>(channel->close(soon()));
    channel.reset();
    return told && try_told;
  }));
  server.open();
  CHECK(begun.get());
  CHECK(submit(*channel, "next").get());
  CHECK(server.server().received().requests.count("child") == 0);
}

TEST_CASE("what is late, stopped or closed while its client connects is not sent, however busy") {
  enum class How : std::uint8_t { late, stopped, closed };
  for (const How how : {How::late, How::stopped, How::closed}) {
    CAPTURE(static_cast<int>(how));
    std::promise<void> first, second;
    std::atomic<int> connections{0};
    HostileServer server({.play =
                              [&](Conversation& c) {
                                const bool is_first = ++connections == 1;
                                if (!is_first) second.get_future().wait();
                                c.handshake();
                                c.answer_probe();
                                for (;;) {
                                  const HostileRequest request = c.read_request();
                                  if (is_first) first.get_future().wait();
                                  c.answer(request);
                                }
                              },
                          .begins = Script::Begins::handshake},
                         0, HostileServer::Plays::always);
    RequestChannel channel(server.client(), {.clients = 2});
    Held held;
    channel.submit(place, order_json("held"), soon(), held.callback());
    await([&] { return server.received().requests.count("held") == 1; });
    std::stop_source stop;
    // Late in any case: by then the worker is held.
    const auto until = Deadline::Clock::now() + kShort;
    std::future<Outcome> outcome =
        channel.submit(place, order_json("unsent"), how == How::late ? Deadline(until) : soon(),
                       {.stop = stop.get_token()});
    const auto is_late = [&] { return outcome.wait_for(0s) == std::future_status::ready; };
    await([&] { return connections == 2 || is_late(); });
    first.set_value();
    held.await();
    second.set_value();
    await([&] { return server.received().probes == 2 || how == How::late; });
    std::future<ChannelCloseReport> closing;
    if (how == How::late) await([&] { return Deadline::Clock::now() >= until; });
    if (how == How::stopped) stop.request_stop();
    if (how == How::closed) {
      // Closed comes before cut: that is when this one is dropped.
      std::future<Outcome> waiting = submit(channel, "waiting");
      closing =
          std::async(std::launch::async, [&] { return channel.close(Deadline::Clock::now()); });
      await([&] { return channel.status().not_sent == 1; });
    }
    held.let_go();
    REQUIRE(is_told(outcome));
    const Outcome told = outcome.get();
    CAPTURE(told.sentence());
    CHECK(told.fate() == Fate::not_sent);
    CHECK(told.fault().cause == (how == How::late      ? Cause::deadline
                                 : how == How::stopped ? Cause::stopped
                                                       : Cause::closed));
    if (closing.valid()) CHECK(closing.get().submitted == 3);
    CHECK(server.received().requests.count("unsent") == 0);
  }
}

TEST_CASE("what is stopped while much of its answer is there leaves its client to the next") {
  HostileServer server({.play = [](Conversation& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
    const std::string part(16'000, 'x');
    for (int i = 0; i < 12'500; ++i) c.write(part);
    c.carry_on();
  }});
  ClientSettings settings = server.client();
  settings.max_response_body = 256'000'000;
  RequestChannel channel(settings, {.clients = 3});
  std::stop_source stop;
  std::future<Outcome> much = submit(channel, "much", {.stop = stop.get_token()});
  await([&] { return server.received().requests.count("much") == 1; });
  Held held;
  channel.submit(place, order_json("held"), soon(), held.callback());
  held.await();
  std::future<Outcome> next = submit(channel, "next");
  std::future<Outcome> other = submit(channel, "other");
  stop.request_stop();
  held.let_go();
  check_ended(much.get(), Fate::in_doubt, Phase::read, Cause::stopped);
  CHECK(next.get());
  CHECK(other.get());
}

TEST_CASE("an answer that comes before the request is out is not missed") {
  for (std::size_t size = 512; size <= 8192; size += 512) {
    CAPTURE(size);
    HostileServer server({.play = [](Conversation& c) {
      c.await_request();
      c.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
      for (;;) c.read_request();
    }});
    RequestChannel channel(server.client(), {.clients = 1});
    std::future<Outcome> early = channel.submit(
        place, order_json("early") + std::string(size * 1024, ' '), Deadline::never());
    REQUIRE(is_told(early));
    const Outcome told = early.get();
    if (told) CHECK(told.response().status() == 413);
  }
}

TEST_CASE("who waits at a response channel does not wait for another's callback") {
  PacedServer server;
  RequestChannel channel(server.client(), {.clients = 1});
  std::future<Outcome> first = occupy(channel, server);
  ResponseChannel responses;
  Held held;
  const Deadline until = shortly();  // both are told at once
  channel.submit(place, order_json("arrives"), until, responses, 1);
  channel.submit(place, order_json("held"), until, held.callback());
  auto arrival = std::async(std::launch::async, [&] { return responses.receive(soon()); });
  held.await();
  CHECK(arrival.wait_for(1min) == std::future_status::ready);
  held.let_go();
  CHECK(arrival.get());
  server.open();
  CHECK(first.get());
}

TEST_CASE("a request that was stopped does not wait for the callback of one worker") {
  HostileServer server({.play =
                            [](Conversation& c) {
                              for (;;) {
                                const HostileRequest request = c.read_request();
                                if (request.id != "hangs") c.answer(request);
                              }
                            }},
                       0, HostileServer::Plays::always);
  for (int round = 0; round < 4; ++round) {
    RequestChannel channel(server.client(), {.workers = 2, .clients = 2});
    Held held;
    channel.submit(place, order_json("held"), soon(), held.callback());
    held.await();
    std::future<Outcome> hangs = submit(channel, "hangs");
    await([&] { return server.received().requests["hangs"] == round + 1; });
    std::stop_source stop;
    std::future<Outcome> stopped = submit(channel, "stopped", {.stop = stop.get_token()});
    stop.request_stop();
    CHECK(is_told(stopped));
    held.let_go();
    check_ended(stopped.get(), Fate::not_sent, Phase::wait, Cause::stopped);
    CHECK(channel.close(Deadline::Clock::now()).cut_off == 1);
  }
}
