#include "stress/result.hpp"

#include <algorithm>
#include <chrono>

namespace leasehold::stress {

std::optional<double> RunResult::orders_per_second() const {
  if (seconds <= 0) return std::nullopt;
  return static_cast<double>(account.answered) / seconds;
}

RunResult evaluate(StrategyKind strategy, Requests requests, const RunPlan& plan,
                   std::size_t pool_size, const OrderIds& ids,
                   const std::vector<ThreadRecord>& threads, const LedgerReading& reading,
                   const Use& use, const Tenants& tenants) {
  const bool read = reading.state == LedgerReading::State::read;
  RunResult result{.strategy = strategy,
                   .requests = requests,
                   .plan = plan,
                   .pool_size = pool_size,
                   .tenants = tenants.size(),
                   .ids = ids,
                   .account = account_for(threads, ids, read ? &reading.ledger : nullptr,
                                          reading.whose, tenants),
                   .ledger = reading.state,
                   .ledger_problem = reading.problem,
                   .seconds = std::chrono::duration<double>(duration(threads)).count(),
                   .use = use};
  std::vector<std::chrono::nanoseconds> latencies, waits;
  latencies.reserve(result.account.answered);
  waits.reserve(result.account.orders);
  std::chrono::nanoseconds cpu = use.library_cpu.value_or(std::chrono::nanoseconds(0));
  for (const ThreadRecord& thread : threads) {
    cpu += thread.cpu;
    for (const auto& [failure, count] : thread.failures) result.failures[failure] += count;
    for (const OrderRecord& order : thread.orders) {
      waits.push_back(order.wait);
      if (order.fate == OrderFate::answered) latencies.push_back(order.latency);
    }
  }
  result.latency = percentiles(std::move(latencies));
  if (tells_waits(strategy, requests)) result.wait = percentiles(std::move(waits));
  if (use.library_cpu && result.account.orders > 0) {
    result.cpu_us_per_order = std::chrono::duration<double, std::micro>(cpu).count() /
                              static_cast<double>(result.account.orders);
  }
  return result;
}

ExitStatus verdict(const std::vector<RunResult>& runs, bool interrupted) {
  const auto adds_up = [](const RunResult& run) { return run.account.adds_up(); };
  const auto all_answered = [](const RunResult& run) {
    return run.account.answered == run.account.orders && run.ledger != LedgerReading::State::failed;
  };
  if (!std::ranges::all_of(runs, adds_up)) return ExitStatus::does_not_add_up;
  if (interrupted) return ExitStatus::interrupted;
  if (!std::ranges::all_of(runs, all_answered)) return ExitStatus::not_all_answered;
  return ExitStatus::all_answered;
}

}  // namespace leasehold::stress
