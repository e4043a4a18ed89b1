#include "stress/run.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace leasehold::stress {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::nanoseconds cpu_of_this_thread() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// An engine thread and all that only it writes to, made before it starts.
class alignas(64) Engine {
 public:
  Engine(const RunPlan& plan, const OrderIds& ids, std::size_t number, Strategy& strategy)
      : number_(number), text_(plan.seed, ids), sender_(strategy.sender(number)) {
    record_.orders.resize(plan.orders_per_thread);
  }

  void place_orders(const std::stop_token& stop) {
    const std::chrono::nanoseconds cpu_before = cpu_of_this_thread();
    record_.started = Clock::now();
    std::size_t index = 0;
    for (; index < record_.orders.size() && !stop.stop_requested(); ++index) {
      text_.write({number_, index});
      const Clock::time_point begun = Clock::now();
      Attempt attempt = sender_->send(text_, stop);
      record_.orders[index] = {
          .latency = Clock::now() - begun, .wait = attempt.wait, .fate = attempt.fate};
      if (attempt.fate != OrderFate::answered) ++record_.failures[std::move(attempt.failure)];
      done_.store(index + 1, std::memory_order_relaxed);
    }
    record_.ended = Clock::now();
    record_.cpu = cpu_of_this_thread() - cpu_before;
    record_.orders.resize(index);
  }

  std::size_t done() const { return done_.load(std::memory_order_relaxed); }
  ThreadRecord take_record() { return std::move(record_); }

 private:
  const std::size_t number_;
  OrderText text_;
  const std::unique_ptr<Sender> sender_;
  ThreadRecord record_;
  std::atomic<std::size_t> done_{0};  // a count for the progress; nothing is published with it
};

// The threads of a run, and how they start and end together.
class Crew {
 public:
  Crew(std::vector<std::unique_ptr<Engine>>& engines, const std::stop_token& stop)
      : start_(static_cast<std::ptrdiff_t>(engines.size()) + 1), at_work_(engines.size()) {
    threads_.reserve(engines.size());
    try {
      for (const std::unique_ptr<Engine>& engine : engines) {
        threads_.emplace_back([this, &engine = *engine, stop] { work(engine, stop); });
      }
    } catch (...) {  // those that are there must not wait for the others
      abandoned_ = true;
      start_.count_down(static_cast<std::ptrdiff_t>(engines.size() + 1 - threads_.size()));
      throw;
    }
    start_.arrive_and_wait();
  }

  ~Crew() { leave_.count_down(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // True once all have placed their orders. They stay until this object ends.
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, time, [this] { return at_work_ == 0; });
  }

 private:
  void work(Engine& engine, const std::stop_token& stop) {
    start_.arrive_and_wait();
    if (abandoned_) return;
    engine.place_orders(stop);
    {
      const std::lock_guard lock(mutex_);
      if (--at_work_ == 0) ended_.notify_all();
    }
    leave_.wait();
  }

  std::latch start_;
  std::latch leave_{1};
  bool abandoned_ = false;  // written before start_ opens
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t at_work_;                // guarded by mutex_
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

}  // namespace

std::vector<ThreadRecord> run(const RunPlan& plan, const OrderIds& ids, Strategy& strategy,
                              const std::stop_token& stop, const OnProgress& progress,
                              const OnEnd& end) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.reserve(plan.threads);
  for (std::size_t number = 0; number < plan.threads; ++number) {
    engines.push_back(std::make_unique<Engine>(plan, ids, number, strategy));
  }
  {
    Crew crew(engines, stop);
    while (!crew.wait_for(std::chrono::milliseconds(200))) {
      if (!progress) continue;
      std::size_t done = 0;
      for (const auto& engine : engines) done += engine->done();
      progress(done);
    }
    if (end) end();
  }
  std::vector<ThreadRecord> records;
  records.reserve(plan.threads);
  for (const auto& engine : engines) records.push_back(engine->take_record());
  return records;
}

std::chrono::nanoseconds duration(const std::vector<ThreadRecord>& threads) {
  if (threads.empty()) return {};
  return std::ranges::max(threads, {}, &ThreadRecord::ended).ended -
         std::ranges::min(threads, {}, &ThreadRecord::started).started;
}

}  // namespace leasehold::stress
