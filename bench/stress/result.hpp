#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/percentiles.hpp"
#include "stress/account.hpp"
#include "stress/run.hpp"
#include "stress/venue.hpp"

namespace leasehold::stress {

// TLS handshakes, by the thread that had to wait for them.
struct Handshakes {
  std::optional<std::uint64_t> engine;  // none if nobody counted them
  // Nobody connects before an order needs it; in a channel, another thread does while it waits.
  std::uint64_t maintenance = 0;
};

// What a run took beside its threads' time.
struct Use {
  Handshakes handshakes{};
  // When the last order had ended and all clients were still there; none if the venue cannot tell.
  std::optional<std::uint64_t> connections{};
  // By leasehold's own threads; none if it is not known.
  std::optional<std::chrono::nanoseconds> library_cpu{};
  // What the strategy's end gave back to the heap, clients, connections, threads and all. None with
  // an embedded exchange, whose connections are in the same heap.
  std::optional<std::uint64_t> memory{};
};

// What is known when a run is over.
struct RunResult {
  // As asked for.
  StrategyKind strategy = StrategyKind::pool;
  Requests requests = Requests::send;
  RunPlan plan{};
  std::size_t pool_size = 0;
  std::size_t tenants = 0;

  OrderIds ids;
  Account account{};
  LedgerReading::State ledger = LedgerReading::State::read;
  std::string ledger_problem{};                   // unless read
  std::map<std::string, std::size_t> failures{};  // why orders were not answered, how often
  double seconds = 0;
  std::optional<Percentiles> latency{};  // of answered orders
  // Of all orders, those included that got no client; none if the strategy cannot tell.
  std::optional<Percentiles> wait{};
  Use use{};
  std::optional<double> cpu_us_per_order{};  // of the sending threads and leasehold's own

  bool complete() const { return account.orders == plan.threads * plan.orders_per_thread; }
  // Of answered orders.
  std::optional<double> orders_per_second() const;
};

RunResult evaluate(StrategyKind strategy, Requests requests, const RunPlan& plan,
                   std::size_t pool_size, const OrderIds& ids,
                   const std::vector<ThreadRecord>& threads, const LedgerReading& reading,
                   const Use& use, const Tenants& tenants = {});

// How a process ends that ran these; see --help.
enum class ExitStatus : std::uint8_t {
  all_answered = 0,
  does_not_add_up = 1,
  could_not_run = 2,
  not_all_answered = 3,
  interrupted = 130
};
ExitStatus verdict(const std::vector<RunResult>& runs, bool interrupted);

}  // namespace leasehold::stress
