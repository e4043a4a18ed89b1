#include "stress/strategy.hpp"

#include <exception>
#include <mutex>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/origin.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/client_source.hpp"
#include "leasehold/httplib.hpp"
#include "leasehold/request_channel.hpp"

// The naive strategies are what cpp-httplib's users write; the first three are what it becomes.
namespace leasehold::stress {
namespace {

using Clock = std::chrono::steady_clock;

const std::string path = "/v2/orders";
const std::string content_type = "application/json";

// From 0.12.1 on, cpp-httplib sends a request again by itself when the peer closes: a call that
// ends without a connection may have sent its order over an earlier one.
template <class Error>
constexpr bool sends_again = requires {
  Error::SSLPeerCouldBeClosed_;
};

template <class Error>
bool nothing_was_sent(Error error) {
  if constexpr (sends_again<Error>) {
    return false;
  } else {
    switch (error) {
      case Error::Connection:
      case Error::ConnectionTimeout:
      case Error::BindIPAddress:
      case Error::SSLConnection:
      case Error::SSLLoadingCerts:
      case Error::SSLServerVerification:
        return true;
      default:
        return false;
    }
  }
}

Attempt judge_answer(int status, std::string_view body, std::string_view id) {
  if (status != 200) return {.failure = "HTTP " + std::to_string(status)};
  const std::optional<std::string> answered = answered_id(body);
  if (!answered) return {.failure = "HTTP 200 without a client_order_id"};
  if (answered == id) return {.fate = OrderFate::answered};
  return {.fate = OrderFate::mixed_up,
          .failure = "HTTP 200 with another order's client_order_id",
          .client_is_suspect = true};
}

Attempt judge(const httplib::Result& result, std::string_view id) {
  if (result) return judge_answer(result->status, result->body, id);
  const bool unsent = nothing_was_sent(result.error());
  return {.fate = unsent ? OrderFate::not_sent : OrderFate::in_doubt,
          .failure = "no answer: " + httplib::to_string(result.error())};
}

Attempt judge(const Outcome& outcome, std::string_view id) {
  if (outcome) return judge_answer(outcome.response().status(), outcome.response().body(), id);
  const bool unsent = outcome.fate() == Fate::not_sent;
  return {.fate = unsent ? OrderFate::not_sent : OrderFate::in_doubt,
          .failure = std::string("no answer: ") + to_string(outcome.fault().phase) + ", " +
                     to_string(outcome.fault().cause)};
}

constexpr const char* key_header = "APCA-API-KEY-ID";
constexpr const char* secret_header = "APCA-API-SECRET-KEY";

// What each thread's orders are sent with: its tenant's, made before any is.
template <class Made>
class OfTenants {
 public:
  template <class Make>
  OfTenants(const Tenants& tenants, Make make) {
    if (tenants.empty()) all_.push_back(make(nullptr));
    for (const alpaca::Credentials& keys : tenants) all_.push_back(make(&keys));
  }
  const Made& of(std::size_t thread) const { return all_[thread % all_.size()]; }

 private:
  std::vector<Made> all_;
};

PreparedRequest place_order(const alpaca::Credentials* keys) {
  std::vector<Header> headers = {{"Content-Type", content_type}};
  if (keys != nullptr) {
    headers.push_back({key_header, keys->key_id});
    headers.push_back({secret_header, keys->secret_key});
  }
  return {Method::post, path, headers};
}

httplib::Headers order_headers(const alpaca::Credentials* keys) {
  if (keys == nullptr) return {};
  return {{key_header, keys->key_id}, {secret_header, keys->secret_key}};
}

Attempt post(httplib::SSLClient& client, const httplib::Headers& headers,
             const OrderText& order) try {
  const std::string_view body = order.body();
  return judge(client.Post(path, headers, body.data(), body.size(), content_type), order.id());
} catch (const std::exception& error) {  // bad_alloc, for an answer that claims to be huge
  return {.failure = std::string("an exception: ") + error.what(), .client_is_suspect = true};
}

// A client is leased for each order: of a line that all stand in, or the thread's own.
template <ClientSource Source>
class LeasingStrategy final : public Strategy {
 public:
  template <class SourceSettings>
  LeasingStrategy(const ClientSettings& client, const SourceSettings& source,
                  std::chrono::milliseconds acquire_timeout, Requests requests,
                  const Tenants& tenants)
      : source_(client, source),
        acquire_timeout_(acquire_timeout),
        requests_(requests),
        place_(tenants, place_order),
        headers_(tenants, order_headers) {}

  std::unique_ptr<Sender> sender(std::size_t thread) override {
    return std::make_unique<LeasingSender>(*this, thread);
  }
  std::optional<std::uint64_t> handshakes() const override { return source_.status().handshakes; }

 private:
  class LeasingSender final : public Sender {
   public:
    LeasingSender(LeasingStrategy& shared, std::size_t thread)
        : shared_(shared), place_(shared.place_.of(thread)), headers_(shared.headers_.of(thread)) {}

    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      const Clock::time_point begun = Clock::now();
      ClientLease lease = shared_.source_.try_acquire_for(shared_.acquire_timeout_, {.stop = stop});
      const Clock::duration wait = Clock::now() - begun;
      if (!lease) {
        return {.fate = OrderFate::not_sent,
                .wait = wait,
                .failure = std::string("no client: ") + to_string(lease.refusal().reason)};
      }
      Attempt attempt = shared_.requests_ == Requests::plain
                            ? post(*lease, headers_, order)
                            : send_through(lease, order, begun + wait);
      attempt.wait = wait;
      if (attempt.client_is_suspect) lease.condemn(attempt.failure);
      return attempt;
    }

   private:
    // An order that is on its way is not stopped.
    Attempt send_through(ClientLease& lease, const OrderText& order, Clock::time_point now) {
      const Clock::time_point deadline = now + shared_.source_.client_settings().request_timeout;
      Outcome outcome = lease.send(place_, order.body(), deadline);
      // Nothing of it went out: the connection had ended while the client was idle.
      while (outcome.fault().cause == Cause::stale) {
        outcome = lease.send(place_, order.body(), deadline);
      }
      return judge(outcome, order.id());
    }

    LeasingStrategy& shared_;
    const PreparedRequest& place_;
    const httplib::Headers& headers_;
  };

  Source source_;
  const std::chrono::milliseconds acquire_timeout_;
  const Requests requests_;
  const OfTenants<PreparedRequest> place_;
  const OfTenants<httplib::Headers> headers_;
};

// Workers send the orders; the engine thread sleeps until its order's outcome is there.
class ChannelStrategy final : public Strategy {
 public:
  ChannelStrategy(const ClientSettings& client, const ChannelSettings& channel,
                  const Tenants& tenants)
      : channel_(client, channel), place_(tenants, place_order) {}

  std::unique_ptr<Sender> sender(std::size_t thread) override {
    return std::make_unique<SubmittingSender>(*this, thread);
  }
  std::optional<std::uint64_t> handshakes() const override { return channel_.status().handshakes; }

 private:
  class SubmittingSender final : public Sender {
   public:
    SubmittingSender(ChannelStrategy& shared, std::size_t thread)
        : shared_(shared), place_(shared.place_.of(thread)) {}

    // The channel does not get the stop token: it would end an order that is on its way, too.
    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      if (stop.stop_requested()) {
        return {.fate = OrderFate::not_sent, .failure = "not submitted: stopped"};
      }
      RequestChannel& channel = shared_.channel_;
      const Clock::time_point deadline = Clock::now() + channel.client_settings().request_timeout;
      return judge(channel.submit(place_, order.body(), deadline).get(), order.id());
    }

   private:
    ChannelStrategy& shared_;
    const PreparedRequest& place_;
  };

  RequestChannel channel_;
  const OfTenants<PreparedRequest> place_;
};

alpaca::NewOrder order_of(const OrderText& order) {
  const OrderTerms& terms = order.terms();
  constexpr std::int64_t billionths_of_a_cent = 10'000'000;
  return {.symbol = terms.symbol,
          .qty = alpaca::Decimal::of(static_cast<std::int32_t>(terms.qty)),
          .side = terms.is_buy ? alpaca::Side::buy : alpaca::Side::sell,
          .type = alpaca::OrderType::limit,
          .limit_price = alpaca::Decimal::from_billionths(terms.limit_cents * billionths_of_a_cent),
          .client_order_id = std::string(order.id())};
}

Attempt judge(const alpaca::Result<alpaca::Accepted>& result) {
  if (std::holds_alternative<alpaca::Accepted>(result)) return {.fate = OrderFate::answered};
  if (const auto* const refused = std::get_if<alpaca::Refused>(&result)) {
    return {.fate = OrderFate::refused, .failure = refused->sentence()};
  }
  if (const auto* const not_sent = std::get_if<alpaca::NotSent>(&result)) {
    // Absent: it was sent, and made nowhere.
    return {.fate = not_sent->absent ? OrderFate::refused : OrderFate::not_sent,
            .failure = not_sent->sentence()};
  }
  return {.fate = OrderFate::in_doubt, .failure = std::get<alpaca::InDoubt>(result).sentence()};
}

// A trading client for each tenant, all over one source.
template <class Source>
class TradingStrategy final : public Strategy {
 public:
  template <class SourceSettings>
  TradingStrategy(const ClientSettings& client, const SourceSettings& source,
                  std::chrono::milliseconds acquire_timeout, const Tenants& tenants)
      : source_(client, source), patience_(acquire_timeout + client.request_timeout) {
    const alpaca::TradingSettings settings{.request_timeout = patience_};
    for (const alpaca::Credentials& keys : tenants) tenants_.emplace_back(source_, keys, settings);
  }

  std::unique_ptr<Sender> sender(std::size_t thread) override {
    return std::make_unique<TradingSender>(*this, tenants_[thread % tenants_.size()]);
  }
  std::optional<std::uint64_t> handshakes() const override { return source_.status().handshakes; }

 private:
  class TradingSender final : public Sender {
   public:
    TradingSender(TradingStrategy& shared, const alpaca::TradingClient& tenant)
        : shared_(shared), tenant_(tenant) {}

    // The client does not get the stop token: it would end an order that is on its way, too.
    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      if (stop.stop_requested()) {
        return {.fate = OrderFate::not_sent, .failure = "not submitted: stopped"};
      }
      return judge(tenant_.submit(order_of(order), Clock::now() + shared_.patience_));
    }

   private:
    TradingStrategy& shared_;
    const alpaca::TradingClient& tenant_;
  };

  Source source_;
  const std::chrono::milliseconds patience_;
  std::vector<alpaca::TradingClient> tenants_;
};

// With nothing set but the authorities to trust.
std::unique_ptr<httplib::SSLClient> out_of_the_box(const ClientSettings& settings) {
  const detail::Origin origin = detail::parse_origin(settings.origin);
  auto client = std::make_unique<httplib::SSLClient>(origin.host, origin.port);
  client->enable_server_certificate_verification(true);
  if (!settings.ca_file.empty()) client->set_ca_cert_path(settings.ca_file);
  return client;
}

std::unique_ptr<httplib::SSLClient> tuned(const ClientSettings& settings) {
  auto client = out_of_the_box(settings);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_connection_timeout(settings.connect_timeout);
  client->set_read_timeout(settings.request_timeout);
  client->set_write_timeout(settings.request_timeout);
  return client;
}

class SharedStrategy final : public Strategy {
 public:
  SharedStrategy(const ClientSettings& settings, const Tenants& tenants)
      : client_(out_of_the_box(settings)), headers_(tenants, order_headers) {}

  std::unique_ptr<Sender> sender(std::size_t thread) override {
    return std::make_unique<SharedSender>(*this, thread);
  }

 private:
  class SharedSender final : public Sender {
   public:
    SharedSender(SharedStrategy& shared, std::size_t thread)
        : shared_(shared), headers_(shared.headers_.of(thread)) {}

    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      const Clock::time_point begun = Clock::now();
      const std::lock_guard lock(shared_.mutex_);
      const Clock::duration wait = Clock::now() - begun;
      if (stop.stop_requested()) {
        return {.fate = OrderFate::not_sent, .wait = wait, .failure = "no client: stopped"};
      }
      Attempt attempt = post(*shared_.client_, headers_, order);
      attempt.wait = wait;
      return attempt;
    }

   private:
    SharedStrategy& shared_;
    const httplib::Headers& headers_;
  };

  std::mutex mutex_;
  const std::unique_ptr<httplib::SSLClient> client_;  // used under mutex_
  const OfTenants<httplib::Headers> headers_;
};

class OwnClientStrategy final : public Strategy {
 public:
  using MakeClient = std::unique_ptr<httplib::SSLClient> (*)(const ClientSettings&);

  OwnClientStrategy(ClientSettings settings, MakeClient make, const Tenants& tenants)
      : settings_(std::move(settings)), make_(make), headers_(tenants, order_headers) {}

  std::unique_ptr<Sender> sender(std::size_t thread) override {
    return std::make_unique<OwnSender>(make_(settings_), headers_.of(thread));
  }

 private:
  class OwnSender final : public Sender {
   public:
    OwnSender(std::unique_ptr<httplib::SSLClient> client, const httplib::Headers& headers)
        : client_(std::move(client)), headers_(headers) {}

    Attempt send(const OrderText& order, const std::stop_token&) override {
      return post(*client_, headers_, order);
    }

   private:
    const std::unique_ptr<httplib::SSLClient> client_;
    const httplib::Headers& headers_;
  };

  const ClientSettings settings_;
  const MakeClient make_;
  const OfTenants<httplib::Headers> headers_;
};

template <class Source, class SourceSettings>
std::unique_ptr<Strategy> trading(const ClientSettings& client, const SourceSettings& source,
                                  std::chrono::milliseconds acquire_timeout,
                                  const Tenants& tenants) {
  return std::make_unique<TradingStrategy<Source>>(client, source, acquire_timeout, tenants);
}

}  // namespace

const char* to_string(StrategyKind kind) {
  switch (kind) {
    case StrategyKind::pool:
      return "pool";
    case StrategyKind::per_thread:
      return "per-thread";
    case StrategyKind::channel:
      return "channel";
    case StrategyKind::shared_mutex:
      return "shared-mutex";
    case StrategyKind::per_thread_naive:
      return "per-thread-naive";
    case StrategyKind::per_thread_tuned:
      return "per-thread-tuned";
  }
  return "";
}

const char* to_string(Requests requests) {
  switch (requests) {
    case Requests::send:
      return "send";
    case Requests::plain:
      return "plain";
    case Requests::trading:
      return "trading";
  }
  return "";
}

Requests requests_by(StrategyKind kind, Requests asked_for) {
  switch (kind) {
    case StrategyKind::pool:
    case StrategyKind::per_thread:
      return asked_for;
    case StrategyKind::channel:
      return asked_for == Requests::trading ? asked_for : Requests::send;
    case StrategyKind::shared_mutex:
    case StrategyKind::per_thread_naive:
    case StrategyKind::per_thread_tuned:
      return Requests::plain;
  }
  return asked_for;
}

bool tells_waits(StrategyKind kind, Requests requests) {
  return kind != StrategyKind::channel && requests_by(kind, requests) != Requests::trading;
}

std::unique_ptr<Strategy> make_strategy(StrategyKind kind, const ClientSettings& client,
                                        const PoolSettings& pool, std::size_t threads,
                                        Requests requests, const Tenants& tenants) {
  const bool trades = requests == Requests::trading;
  switch (kind) {
    case StrategyKind::pool:
      if (trades) return trading<ClientPool>(client, pool, pool.acquire_timeout, tenants);
      return std::make_unique<LeasingStrategy<ClientPool>>(client, pool, pool.acquire_timeout,
                                                           requests, tenants);
    case StrategyKind::per_thread: {
      const PerThreadSettings source{.name = pool.name, .max_threads = threads};
      if (trades) return trading<ClientPerThread>(client, source, pool.acquire_timeout, tenants);
      return std::make_unique<LeasingStrategy<ClientPerThread>>(
          client, source, pool.acquire_timeout, requests, tenants);
    }
    case StrategyKind::channel: {
      const ChannelSettings channel{.name = pool.name, .clients = pool.size, .capacity = threads};
      if (trades) return trading<RequestChannel>(client, channel, {}, tenants);
      return std::make_unique<ChannelStrategy>(client, channel, tenants);
    }
    case StrategyKind::shared_mutex:
      return std::make_unique<SharedStrategy>(client, tenants);
    case StrategyKind::per_thread_naive:
      return std::make_unique<OwnClientStrategy>(client, out_of_the_box, tenants);
    case StrategyKind::per_thread_tuned:
      return std::make_unique<OwnClientStrategy>(client, tuned, tenants);
  }
  return nullptr;
}

}  // namespace leasehold::stress
