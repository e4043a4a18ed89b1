#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "leasehold/settings.hpp"
#include "stress/order.hpp"
#include "stress/record.hpp"
#include "stress/tenants.hpp"

namespace leasehold::stress {

// How threads come to their clients.
enum class StrategyKind : std::uint8_t {
  pool,
  per_thread,
  channel,
  shared_mutex,
  per_thread_naive,
  per_thread_tuned
};

inline constexpr StrategyKind kAllStrategies[] = {
    StrategyKind::pool,         StrategyKind::per_thread,       StrategyKind::channel,
    StrategyKind::shared_mutex, StrategyKind::per_thread_naive, StrategyKind::per_thread_tuned};

// By what requests orders go: leasehold's own, cpp-httplib's, or those of an alpaca::TradingClient
// for each tenant.
enum class Requests : std::uint8_t { send, plain, trading };

inline constexpr Requests kAllRequests[] = {Requests::send, Requests::plain, Requests::trading};

// As on the command line ("per-thread-naive").
const char* to_string(StrategyKind kind);
const char* to_string(Requests requests);

// By what a strategy sends: who leases can do either, and does as asked for.
Requests requests_by(StrategyKind kind, Requests asked_for);
// Whether its senders know how long an order has waited for a client.
bool tells_waits(StrategyKind kind, Requests requests);

// How one attempt to place an order ended.
struct Attempt {
  OrderFate fate = OrderFate::in_doubt;
  std::chrono::nanoseconds wait{0};  // for a client; means nothing unless tells_waits()
  std::string failure{};             // why it was not answered; the same words for the same cause
  bool client_is_suspect = false;    // what is on its connection can no longer be trusted
};

// What one thread sends its orders with. Thread: one at a time.
class Sender {
 public:
  virtual ~Sender() = default;
  // Never throws on account of the network. Once `stop` is triggered it may give up waiting for a
  // client, but not an order that is on its way.
  virtual Attempt send(const OrderText& order, const std::stop_token& stop) = 0;
};

// What all senders of a run share; outlives them.
class Strategy {
 public:
  virtual ~Strategy() = default;
  // Called once for each thread, before any of them sends; it decides whose orders it places.
  virtual std::unique_ptr<Sender> sender(std::size_t thread) = 0;
  // TLS handshakes of all senders so far, if the strategy can tell.
  virtual std::optional<std::uint64_t> handshakes() const { return std::nullopt; }
};

// For at most so many threads. `pool`: of a pool, and as many clients are a channel's. Connects
// nothing yet. Throws SettingsError. REQUIRES: requests by trading clients have tenants.
std::unique_ptr<Strategy> make_strategy(StrategyKind kind, const ClientSettings& client,
                                        const PoolSettings& pool, std::size_t threads,
                                        Requests requests = Requests::send,
                                        const Tenants& tenants = {});

}  // namespace leasehold::stress
