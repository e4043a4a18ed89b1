// Memory: what a channel does with a request allocates nothing once it was submitted, and for what
// there is no memory, it refuses.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "channel/request_line.hpp"
#include "channel/response_line.hpp"
#include "leasehold/request_channel.hpp"
#include "leasehold/response_channel.hpp"
#include "support/allocations.hpp"
#include "support/nowhere.hpp"
#include "support/soon.hpp"

using namespace leasehold;
using namespace leasehold::test;
using detail::Queued;
using detail::RequestLine;
using detail::ResponseLine;

TEST_CASE("an outcome arrives and is received without an allocation") {
  ResponseChannel responses;
  std::vector<std::unique_ptr<ResponseLine::Place>> places;
  std::vector<Outcome> outcomes;
  const std::string body(1'000, 'x');
  for (std::uint64_t id = 0; id < 100; ++id) {
    places.push_back(std::make_unique<ResponseLine::Place>(id));
    outcomes.emplace_back(Response(200, "HTTP/1.1 200 OK\r\n", body));
    outcomes.back().own();
  }
  const auto before = allocations_by_this_thread();
  for (std::size_t i = 0; i < places.size(); ++i) {
    responses.line()->arrive(std::move(places[i]), std::move(outcomes[i]));
  }
  std::uint64_t received = 0;
  bool whole = true;
  while (const auto arrival = responses.poll()) {
    ++received;
    whole = whole && arrival->outcome.response().body() == body;
  }
  const bool none_left = !responses.receive(detail::TimePoint{});
  CHECK(allocations_by_this_thread() == before);
  CHECK(received == 100);
  CHECK(whole);
  CHECK(none_left);
}

TEST_CASE("a channel that is destroyed, or was, leaves no outcome behind") {
  const auto before = live_allocations();
  {
    auto responses = std::make_unique<ResponseChannel>();
    const auto line = responses->line();
    const auto arrive = [&line] {
      Outcome outcome(Response(200, "HTTP/1.1 200 OK\r\n", "x"));
      outcome.own();
      line->arrive(std::make_unique<ResponseLine::Place>(1), std::move(outcome));
    };
    arrive();
    responses.reset();
    const auto destroyed = live_allocations();
    arrive();
    CHECK(live_allocations() == destroyed);
    CHECK(destroyed == before + 1);  // the line, for the requests that have not ended
  }
  CHECK(live_allocations() == before);
}

TEST_CASE("requests come into the line and leave it without an allocation") {
  RequestLine line(16);
  std::deque<Queued> requests;
  for (std::uint64_t number = 0; number < 1'000; ++number) {
    requests.push_back({.number = number, .tenant = number % 100, .ordered = number % 3 == 0});
  }
  const auto before = allocations_by_this_thread();
  for (Queued& request : requests) line.add(request);
  std::size_t ended = 0;
  for (std::size_t i = 0; i < requests.size() && line.remove_any() != nullptr; i += 2) ++ended;
  while (Queued* const request = line.begin_next()) {
    line.end(*request);
    ++ended;
  }
  CHECK(allocations_by_this_thread() == before);
  CHECK(ended == requests.size());
}

TEST_CASE("a request that there is no memory for is refused, once, and takes no place") {
  std::size_t refused = 0;
  for (std::uint64_t nth = 0;; ++nth) {
    RequestChannel channel(nowhere(), {.capacity = 1});
    std::promise<Outcome> told;
    Fault fault;
    bool failed = false;
    {
      const FailAllocation failing(nth);
      fault = channel.try_submit({.path = "/"}, soon(),
                                 [&told](Outcome outcome) { told.set_value(std::move(outcome)); });
      failed = failing.happened();
    }
    if (fault.cause != Cause::none) {
      CHECK(fault.cause == Cause::out_of_resources);
      CHECK(channel.status().refused == 1);
      ++refused;
      CHECK(channel.submit({.path = "/"}, soon()).get().fault().cause == Cause::connect_failed);
    } else {
      CHECK(told.get_future().get().fault().cause == Cause::connect_failed);
    }
    CHECK(channel.close(soon()).submitted == 1);
    if (!failed) break;
  }
  CHECK(refused >= 2);  // at least: what it is on the wire, and what the channel keeps of it
}
