// What leasehold-stress makes of an attempt to place an order, whichever way it came to a client.
#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "leasehold/httplib.hpp"
#include "leasehold/paper/exchange.hpp"
#include "stress/strategy.hpp"
#include "support/conversation.hpp"
#include "support/hostile_server.hpp"
#include "support/loopback_socket.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::stress;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

// As leasehold-stress does.
const bool sigpipe_ignored = ::signal(SIGPIPE, SIG_IGN) != SIG_ERR;

template <class Error>
constexpr bool sends_again = requires {
  Error::SSLPeerCouldBeClosed_;
};

struct Way {
  StrategyKind kind;
  Requests requests;
};
constexpr Way ways[] = {{StrategyKind::pool, Requests::send},
                        {StrategyKind::pool, Requests::plain},
                        {StrategyKind::per_thread, Requests::send},
                        {StrategyKind::per_thread, Requests::plain},
                        {StrategyKind::channel, Requests::send},
                        {StrategyKind::shared_mutex, Requests::plain},
                        {StrategyKind::per_thread_naive, Requests::plain},
                        {StrategyKind::per_thread_tuned, Requests::plain}};

Attempt place_order(const Way& way, const ClientSettings& client, std::size_t index = 0) {
  const OrderIds ids(1, 1, 0);
  OrderText order(1, ids);
  order.write({0, index});
  const auto strategy = make_strategy(way.kind, client, {.size = 1}, 1, way.requests);
  return strategy->sender(0)->send(order, std::stop_token());
}

}  // namespace

TEST_CASE("an order that the exchange made is answered") {
  REQUIRE(sigpipe_ignored);
  Venue venue;
  std::size_t index = 0;
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    const Attempt attempt = place_order(way, venue.client(), index++);
    CHECK(attempt.fate == OrderFate::answered);
    CHECK(attempt.failure == "");
    CHECK_FALSE(attempt.client_is_suspect);
  }
  CHECK(venue.exchange.status().orders_committed == index);
}

TEST_CASE("an order that the exchange refuses is in doubt, whatever the reason it gives") {
  Venue venue;
  const Attempt first = place_order(ways[0], venue.client());
  REQUIRE(first.fate == OrderFate::answered);
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    const Attempt again = place_order(way, venue.client());
    CHECK(again.fate == OrderFate::in_doubt);
    CHECK(again.failure == "HTTP 422");
  }
}

TEST_CASE("an order that gets no connection is not sent, unless cpp-httplib may send it twice") {
  const Venue venue;
  const LoopbackSocket closed;
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    ClientSettings client = venue.client();
    client.origin = closed.origin();
    const Attempt attempt = place_order(way, client);
    const bool may_be_sent = way.requests == Requests::plain && sends_again<httplib::Error>;
    CHECK(attempt.fate == (may_be_sent ? OrderFate::in_doubt : OrderFate::not_sent));
    CHECK(attempt.failure.starts_with("no answer: "));
  }
}

TEST_CASE("no strategy sends an order to a server that another authority vouches for") {
  Venue venue;
  const Venue other;
  ClientSettings client = venue.client();
  client.ca_file = other.client().ca_file;
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    const Attempt attempt = place_order(way, client);
    CHECK(attempt.fate != OrderFate::answered);
  }
  CHECK(venue.exchange.ledger().empty());
}

TEST_CASE("an order whose answer does not come is in doubt") {
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    Venue venue({.latency = 1h});
    Attempt attempt{.fate = OrderFate::answered};
    {
      const std::jthread engine([&] { attempt = place_order(way, venue.client()); });
      while (venue.exchange.status().orders_committed == 0) std::this_thread::yield();
      venue.exchange.stop();
    }
    CHECK(attempt.fate == OrderFate::in_doubt);
    CHECK(attempt.failure.starts_with("no answer: "));
  }
}

TEST_CASE("an answer with another order's id leaves its order in doubt, and its client suspect") {
  for (const Way& way : ways) {
    CAPTURE(to_string(way.kind));
    CAPTURE(to_string(way.requests));
    const HostileServer server({.play = [](Conversation& conversation) {
      conversation.read_request();
      conversation.write(answer_to("another"));
      conversation.carry_on();
    }});
    const Attempt attempt = place_order(way, server.client());
    CHECK(attempt.fate == OrderFate::mixed_up);
    CHECK(attempt.failure == "HTTP 200 with another order's client_order_id");
    CHECK(attempt.client_is_suspect);
  }
}

TEST_CASE("an order that is stopped while it waits for a client is not sent") {
  // The first order holds the only client until the exchange stops.
  for (const StrategyKind kind : {StrategyKind::pool, StrategyKind::shared_mutex}) {
    CAPTURE(to_string(kind));
    Venue venue({.latency = 1h});
    const OrderIds ids(1, 1, 0);
    OrderText first(1, ids), second(1, ids);
    first.write({0, 0});
    second.write({1, 0});
    const auto strategy = make_strategy(kind, venue.client(), patient_pool({.size = 1}), 2);
    const auto sender = strategy->sender(0);
    const auto stopped_sender = strategy->sender(1);
    std::stop_source stop;
    Attempt attempt;
    {
      const std::jthread holder([&] { sender->send(first, std::stop_token()); });
      while (venue.exchange.status().orders_committed == 0) std::this_thread::yield();
      std::jthread waiter([&] { attempt = stopped_sender->send(second, stop.get_token()); });
      stop.request_stop();
      // The client stays taken until the waiter is gone: even one who is stopped gets what is idle.
      // Who waits for a mutex cannot be stopped before it is free.
      if (kind == StrategyKind::pool) waiter.join();
      venue.exchange.stop();
    }
    CHECK(attempt.fate == OrderFate::not_sent);
    CHECK(attempt.failure == "no client: stopped");
    CHECK(venue.exchange.status().orders_committed == 1);
  }
}

TEST_CASE("an order that is stopped before a channel has it is not sent") {
  const Venue venue;
  const OrderIds ids(1, 1, 0);
  OrderText order(1, ids);
  order.write({0, 0});
  std::stop_source stop;
  stop.request_stop();
  const auto strategy = make_strategy(StrategyKind::channel, venue.client(), {.size = 1}, 1);
  const Attempt attempt = strategy->sender(0)->send(order, stop.get_token());
  CHECK(attempt.fate == OrderFate::not_sent);
  CHECK(attempt.failure == "not submitted: stopped");
  CHECK(venue.exchange.ledger().empty());
}

TEST_CASE("an order that a channel has is not stopped") {
  Venue venue({.latency = 1h});
  const OrderIds ids(1, 1, 0);
  OrderText order(1, ids);
  order.write({0, 0});
  std::stop_source stop;
  const auto strategy = make_strategy(StrategyKind::channel, venue.client(), {.size = 1}, 1);
  const auto sender = strategy->sender(0);
  Attempt attempt;
  {
    const std::jthread engine([&] { attempt = sender->send(order, stop.get_token()); });
    while (venue.exchange.status().orders_committed == 0) std::this_thread::yield();
    stop.request_stop();
    venue.exchange.stop();
  }
  CHECK(attempt.fate == OrderFate::in_doubt);
  CHECK(attempt.failure != "no answer: read, stopped");
}
