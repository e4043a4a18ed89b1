#include "leasehold/response_channel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "channel/response_line.hpp"
#include "support/manual_clock.hpp"

using namespace leasehold;
using namespace std::chrono_literals;
using detail::kNever;
using detail::ResponseLine;
using detail::TimePoint;
using detail::WakeSignal;

namespace {

std::unique_ptr<ResponseLine::Place> place(std::uint64_t id) {
  return std::make_unique<ResponseLine::Place>(id);
}

Outcome answer(const std::string& body) {
  Outcome outcome(Response(200, "HTTP/1.1 200 OK\r\n", body));
  outcome.own();
  return outcome;
}

void arrive(ResponseLine& line, std::uint64_t id) {
  line.arrive(place(id), answer(std::to_string(id)));
}

// 0: none.
std::uint64_t id_of(const std::unique_ptr<ResponseLine::Place>& taken) {
  return taken != nullptr ? taken->id : 0;
}

// A machine that sees the deadline pass, and only then, before the receiver says so, `meanwhile`.
class LateClock final : public detail::Clock {
 public:
  TimePoint now() const noexcept override { return kNever; }
  WakeSignal::Woken wait_until(WakeSignal& signal, TimePoint deadline) const noexcept override {
    if (deadline == kNever) return signal.wait_until(kNever);
    meanwhile();
    return WakeSignal::Woken::timed_out;
  }

  std::function<void()> meanwhile;
};

}  // namespace

TEST_CASE("outcomes are received in the order in which they arrived, each under its number") {
  ResponseChannel responses;
  for (std::uint64_t id = 1; id <= 3; ++id) arrive(*responses.line(), id);
  CHECK(responses.size() == 3);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    const auto arrival = id == 2 ? responses.receive(TimePoint{}) : responses.poll();
    REQUIRE(arrival.has_value());
    CHECK(arrival->id == id);
    CHECK(arrival->outcome.response().body() == std::to_string(id));
  }
  CHECK(responses.size() == 0);
  CHECK_FALSE(responses.poll());
}

TEST_CASE("a response channel has nothing before anything was submitted to it") {
  ResponseChannel responses;
  CHECK_FALSE(responses.poll());
  CHECK_FALSE(responses.receive(TimePoint{}));
  CHECK_FALSE(responses.receive(TimePoint::min()));
  CHECK(responses.size() == 0);
}

TEST_CASE("who waits is woken with the next outcome") {
  ResponseChannel responses;
  std::uint64_t received = 0;
  std::jthread receiver([&] { received = responses.receive(Deadline::never())->id; });
  arrive(*responses.line(), 7);
  receiver.join();
  CHECK(received == 7);
  CHECK(responses.size() == 0);
}

TEST_CASE("of those that wait, the one that has waited longest receives first") {
  const test::ManualClock clock;
  ResponseLine line(clock);
  std::uint64_t received[3] = {};
  std::vector<std::jthread> receivers;
  for (std::size_t i = 0; i < 3; ++i) {
    receivers.emplace_back([&, i] { received[i] = id_of(line.take_until(clock.now() + 1h)); });
    clock.await_sleepers(i + 1);
  }
  for (std::uint64_t id = 1; id <= 3; ++id) arrive(line, id);
  receivers.clear();
  CHECK(received[0] == 1);
  CHECK(received[1] == 2);
  CHECK(received[2] == 3);
}

TEST_CASE("a receiver waits until its deadline, and one that gave up leaves its turn to the next") {
  test::ManualClock clock;
  ResponseLine line(clock);
  std::uint64_t received[3] = {9, 9, 9};
  std::vector<std::jthread> receivers;
  // The one that gives up stands first, in the middle, last: the rest is still there.
  for (std::size_t i = 0; i < 3; ++i) {
    const TimePoint deadline = clock.now() + (i == 1 ? 1min : 1h);
    receivers.emplace_back([&, i, deadline] { received[i] = id_of(line.take_until(deadline)); });
    clock.await_sleepers(i + 1);
  }
  clock.advance(30s);
  clock.await_sleepers(3);
  clock.advance(30s);
  receivers[1].join();
  CHECK(received[1] == 0);
  arrive(line, 1);
  receivers[0].join();
  CHECK(received[0] == 1);
  arrive(line, 2);
  receivers[2].join();
  CHECK(received[2] == 2);
  arrive(line, 3);
  CHECK(line.size() == 1);
}

TEST_CASE("a receiver that times out at the moment of an arrival receives it") {
  LateClock clock;
  ResponseLine line(clock);
  clock.meanwhile = [&] { arrive(line, 5); };
  CHECK(id_of(line.take_until(TimePoint{})) == 5);
  CHECK(line.size() == 0);
}

TEST_CASE("what arrives after a receiver has timed out is there for the next call") {
  ResponseLine line;
  CHECK(line.take_until(TimePoint{}) == nullptr);
  arrive(line, 5);
  CHECK(id_of(line.take_until(TimePoint{})) == 5);
}

TEST_CASE("a channel may be destroyed before its requests end, and their outcomes go with it") {
  auto responses = std::make_unique<ResponseChannel>();
  const std::shared_ptr<ResponseLine> line = responses->line();
  auto late = place(2);
  arrive(*line, 1);
  responses.reset();
  CHECK(line->size() == 0);
  line->arrive(std::move(late), answer("late"));
  CHECK(line->size() == 0);
}

TEST_CASE("each of a storm of outcomes goes to one receiver, whether it waits, looks or gives up") {
  constexpr std::uint64_t producers = 4;
  constexpr std::uint64_t each = 10'000;
  ResponseLine line;
  std::vector<std::atomic<int>> received(producers * each);
  std::atomic<std::uint64_t> left{producers * each};
  std::atomic<bool> in_order{true};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t from = 0; from < producers; ++from) {
      threads.emplace_back([&, from] {
        for (std::uint64_t i = 0; i < each; ++i) arrive(line, from * each + i);
      });
    }
    for (unsigned receiver = 0; receiver < 4; ++receiver) {
      threads.emplace_back([&, receiver] {
        std::vector<std::uint64_t> last(producers, 0);  // of each producer, as this thread saw it
        while (left.load() != 0) {
          const auto deadline = detail::kSteadyClock.now() + receiver * 20us;
          const auto taken = receiver == 0 ? line.take() : line.take_until(deadline);
          if (taken == nullptr) continue;
          if (taken->outcome->response().body() != std::to_string(taken->id)) in_order = false;
          std::uint64_t& before = last[taken->id / each];
          if (before > taken->id) in_order = false;
          before = taken->id;
          ++received[taken->id];
          --left;
        }
      });
    }
  }
  CHECK(in_order);
  CHECK(line.size() == 0);
  std::uint64_t once = 0;
  for (const auto& times : received) once += times == 1 ? 1 : 0;
  CHECK(once == producers * each);
}

TEST_CASE("receivers that wait without a deadline receive all there is") {
  constexpr std::uint64_t each = 10'000;
  ResponseLine line;
  std::atomic<std::uint64_t> sum{0};
  {
    std::vector<std::jthread> threads;
    for (int receiver = 0; receiver < 3; ++receiver) {
      threads.emplace_back([&] {
        for (std::uint64_t i = 0; i < each; ++i) sum += id_of(line.take_until(kNever));
      });
    }
    for (std::uint64_t from = 0; from < 3; ++from) {
      threads.emplace_back([&, from] {
        for (std::uint64_t i = 0; i < each; ++i) arrive(line, from * each + i + 1);
      });
    }
  }
  CHECK(sum == 3 * each * (3 * each + 1) / 2);
}
