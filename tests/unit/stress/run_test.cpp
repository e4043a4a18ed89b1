// How leasehold-stress sends orders from many threads; the network is left out.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stress/run.hpp"

using namespace leasehold::stress;
using namespace std::chrono_literals;

namespace {

const OrderIds ids(1, 1, 0);

// Calls `send` for each order, in the thread that sends it.
class Scripted final : public Strategy {
 public:
  using Send = std::function<Attempt(OrderNumber)>;
  explicit Scripted(Send send) : send_(std::move(send)) {}

  std::unique_ptr<Sender> sender(std::size_t) override { return std::make_unique<Script>(send_); }

 private:
  class Script final : public Sender {
   public:
    explicit Script(const Send& send) : send_(send) {}
    Attempt send(const OrderText& order, const std::stop_token&) override {
      return send_(ids.number(order.id()).value());
    }

   private:
    const Send& send_;
  };

  const Send send_;
};

std::vector<ThreadRecord> run_threads(std::size_t threads, std::size_t orders, Strategy& strategy,
                                      const std::stop_token& stop = {},
                                      const OnProgress& progress = {}, const OnEnd& end = {}) {
  return run({.threads = threads, .orders_per_thread = orders, .seed = 1}, ids, strategy, stop,
             progress, end);
}

}  // namespace

TEST_CASE("each thread sends its own orders, each once and in their order") {
  std::mutex mutex;
  std::map<std::thread::id, std::vector<OrderNumber>> sent;
  Scripted strategy([&](OrderNumber number) {
    const std::lock_guard lock(mutex);
    sent[std::this_thread::get_id()].push_back(number);
    return Attempt{.fate = OrderFate::answered};
  });
  const auto threads = run_threads(10, 50, strategy);

  CHECK(threads.size() == 10);
  for (const ThreadRecord& thread : threads) CHECK(thread.orders.size() == 50);
  std::set<std::size_t> seen;
  for (const auto& [id, numbers] : sent) {
    REQUIRE(numbers.size() == 50);
    seen.insert(numbers.front().thread);
    for (std::size_t index = 0; index < numbers.size(); ++index) {
      CHECK(numbers[index] == OrderNumber{numbers.front().thread, index});
    }
  }
  CHECK(seen.size() == 10);
}

TEST_CASE("what became of an order is recorded under its number") {
  const auto fate_of = [](OrderNumber number) {
    return static_cast<OrderFate>((number.thread + number.index) % 4);
  };
  Scripted strategy([&](OrderNumber number) {
    return Attempt{.fate = fate_of(number),
                   .wait = std::chrono::nanoseconds(number.index),
                   .failure = number.index % 2 == 0 ? "even" : "odd"};
  });
  const auto threads = run_threads(4, 8, strategy);
  for (std::size_t thread = 0; thread < threads.size(); ++thread) {
    std::map<std::string, std::size_t> failures;
    for (std::size_t index = 0; index < 8; ++index) {
      const OrderRecord& order = threads[thread].orders.at(index);
      CHECK(order.fate == fate_of({thread, index}));
      CHECK(order.wait == std::chrono::nanoseconds(index));
      CHECK(order.latency.count() >= 0);
      if (order.fate != OrderFate::answered) ++failures[index % 2 == 0 ? "even" : "odd"];
    }
    CHECK(threads[thread].failures == failures);
  }
}

TEST_CASE("all threads are there before any of them sends") {
  // Nobody gets past the latch unless all threads send at the same time.
  std::latch together(20);
  Scripted strategy([&](OrderNumber) {
    together.arrive_and_wait();
    return Attempt{.fate = OrderFate::answered};
  });
  const auto threads = run_threads(20, 1, strategy);
  CHECK(duration(threads) > 0ns);
  for (const ThreadRecord& thread : threads) {
    CHECK(thread.started <= thread.ended);
    CHECK(thread.ended - thread.started <= duration(threads));
  }
}

TEST_CASE("once it is stopped no thread begins another order") {
  std::stop_source stop;
  std::latch all_are_sending(20);
  std::latch stopped(1);
  Scripted strategy([&](OrderNumber number) {
    all_are_sending.arrive_and_wait();
    if (number.thread == 7) {
      stop.request_stop();
      stopped.count_down();
    }
    stopped.wait();
    return Attempt{.fate = OrderFate::answered};
  });
  const auto threads = run_threads(20, 1000, strategy, stop.get_token());
  CHECK(threads.size() == 20);
  for (const ThreadRecord& thread : threads) CHECK(thread.orders.size() == 1);
}

TEST_CASE("stopped before it begins, a run has no orders") {
  std::stop_source stop;
  stop.request_stop();
  Scripted strategy([](OrderNumber) { return Attempt{}; });
  const auto threads = run_threads(3, 10, strategy, stop.get_token());
  CHECK(threads.size() == 3);
  for (const ThreadRecord& thread : threads) CHECK(thread.orders.empty());
}

TEST_CASE("progress is told while orders are sent") {
  std::binary_semaphore told(0);
  std::size_t orders_told = 99;
  Scripted strategy([&](OrderNumber number) {
    if (number.index == 2) told.acquire();  // until progress has been told
    return Attempt{.fate = OrderFate::answered};
  });
  run_threads(1, 3, strategy, {}, [&](std::size_t orders) {
    if (orders != 2 || orders_told == 2) return;
    orders_told = orders;
    told.release();
  });
  CHECK(orders_told == 2);
}

TEST_CASE("its end is told once, when all orders have ended and all threads are still there") {
  static std::atomic<int> alive;
  struct Guest {
    Guest() { ++alive; }
    ~Guest() { --alive; }
  };
  alive = 0;
  std::atomic<int> sent = 0;
  Scripted strategy([&](OrderNumber) {
    thread_local const Guest guest;
    ++sent;
    return Attempt{.fate = OrderFate::answered};
  });
  int told = 0;
  run_threads(10, 3, strategy, {}, {}, [&] {
    ++told;
    CHECK(sent == 30);
    CHECK(alive == 10);
  });
  CHECK(told == 1);
  CHECK(alive == 0);
}

TEST_CASE("a sender that cannot be made ends the run before it begins") {
  class Unable final : public Strategy {
   public:
    std::unique_ptr<Sender> sender(std::size_t) override { throw std::runtime_error("no client"); }
  } strategy;
  CHECK_THROWS_WITH_AS(run_threads(3, 3, strategy), "no client", std::runtime_error);
}
