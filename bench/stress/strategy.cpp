#include "stress/strategy.hpp"

#include <exception>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "core/origin.hpp"
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

PreparedRequest place_order() {
  return {Method::post, path, std::vector<Header>{{"Content-Type", content_type}}};
}

Attempt post(httplib::SSLClient& client, const OrderText& order) try {
  const std::string_view body = order.body();
  return judge(client.Post(path, body.data(), body.size(), content_type), order.id());
} catch (const std::exception& error) {  // bad_alloc, for an answer that claims to be huge
  return {.failure = std::string("an exception: ") + error.what(), .client_is_suspect = true};
}

// A client is leased for each order: of a line that all stand in, or the thread's own.
template <ClientSource Source>
class LeasingStrategy final : public Strategy {
 public:
  template <class SourceSettings>
  LeasingStrategy(const ClientSettings& client, const SourceSettings& source,
                  std::chrono::milliseconds acquire_timeout, Requests requests)
      : source_(client, source), acquire_timeout_(acquire_timeout), requests_(requests) {}

  std::unique_ptr<Sender> sender() override { return std::make_unique<LeasingSender>(*this); }
  std::optional<std::uint64_t> handshakes() const override { return source_.status().handshakes; }

 private:
  class LeasingSender final : public Sender {
   public:
    explicit LeasingSender(LeasingStrategy& shared) : shared_(shared) {}

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
                            ? post(*lease, order)
                            : send_through(lease, order, begun + wait);
      attempt.wait = wait;
      if (attempt.client_is_suspect) lease.condemn(attempt.failure);
      return attempt;
    }

   private:
    // An order that is on its way is not stopped.
    Attempt send_through(ClientLease& lease, const OrderText& order, Clock::time_point now) {
      const Clock::time_point deadline = now + shared_.source_.client_settings().request_timeout;
      Outcome outcome = lease.send(shared_.place_, order.body(), deadline);
      // Nothing of it went out: the connection had ended while the client was idle.
      while (outcome.fault().cause == Cause::stale) {
        outcome = lease.send(shared_.place_, order.body(), deadline);
      }
      return judge(outcome, order.id());
    }

    LeasingStrategy& shared_;
  };

  Source source_;
  const std::chrono::milliseconds acquire_timeout_;
  const Requests requests_;
  const PreparedRequest place_ = place_order();
};

// Workers send the orders; the engine thread sleeps until its order's outcome is there.
class ChannelStrategy final : public Strategy {
 public:
  ChannelStrategy(const ClientSettings& client, const ChannelSettings& channel)
      : channel_(client, channel) {}

  std::unique_ptr<Sender> sender() override { return std::make_unique<SubmittingSender>(*this); }
  std::optional<std::uint64_t> handshakes() const override { return channel_.status().handshakes; }

 private:
  class SubmittingSender final : public Sender {
   public:
    explicit SubmittingSender(ChannelStrategy& shared) : shared_(shared) {}

    // The channel does not get the stop token: it would end an order that is on its way, too.
    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      if (stop.stop_requested()) {
        return {.fate = OrderFate::not_sent, .failure = "not submitted: stopped"};
      }
      RequestChannel& channel = shared_.channel_;
      const Clock::time_point deadline = Clock::now() + channel.client_settings().request_timeout;
      return judge(channel.submit(shared_.place_, order.body(), deadline).get(), order.id());
    }

   private:
    ChannelStrategy& shared_;
  };

  RequestChannel channel_;
  const PreparedRequest place_ = place_order();
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
  explicit SharedStrategy(const ClientSettings& settings) : client_(out_of_the_box(settings)) {}

  std::unique_ptr<Sender> sender() override { return std::make_unique<SharedSender>(*this); }

 private:
  class SharedSender final : public Sender {
   public:
    explicit SharedSender(SharedStrategy& shared) : shared_(shared) {}

    Attempt send(const OrderText& order, const std::stop_token& stop) override {
      const Clock::time_point begun = Clock::now();
      const std::lock_guard lock(shared_.mutex_);
      const Clock::duration wait = Clock::now() - begun;
      if (stop.stop_requested()) {
        return {.fate = OrderFate::not_sent, .wait = wait, .failure = "no client: stopped"};
      }
      Attempt attempt = post(*shared_.client_, order);
      attempt.wait = wait;
      return attempt;
    }

   private:
    SharedStrategy& shared_;
  };

  std::mutex mutex_;
  const std::unique_ptr<httplib::SSLClient> client_;  // used under mutex_
};

class OwnClientStrategy final : public Strategy {
 public:
  using MakeClient = std::unique_ptr<httplib::SSLClient> (*)(const ClientSettings&);

  OwnClientStrategy(ClientSettings settings, MakeClient make)
      : settings_(std::move(settings)), make_(make) {}

  std::unique_ptr<Sender> sender() override {
    return std::make_unique<OwnSender>(make_(settings_));
  }

 private:
  class OwnSender final : public Sender {
   public:
    explicit OwnSender(std::unique_ptr<httplib::SSLClient> client) : client_(std::move(client)) {}

    Attempt send(const OrderText& order, const std::stop_token&) override {
      return post(*client_, order);
    }

   private:
    const std::unique_ptr<httplib::SSLClient> client_;
  };

  const ClientSettings settings_;
  const MakeClient make_;
};

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

const char* to_string(Requests requests) { return requests == Requests::send ? "send" : "plain"; }

Requests requests_by(StrategyKind kind, Requests asked_for) {
  switch (kind) {
    case StrategyKind::pool:
    case StrategyKind::per_thread:
      return asked_for;
    case StrategyKind::channel:
      return Requests::send;
    case StrategyKind::shared_mutex:
    case StrategyKind::per_thread_naive:
    case StrategyKind::per_thread_tuned:
      return Requests::plain;
  }
  return asked_for;
}

bool tells_waits(StrategyKind kind) { return kind != StrategyKind::channel; }

std::unique_ptr<Strategy> make_strategy(StrategyKind kind, const ClientSettings& client,
                                        const PoolSettings& pool, std::size_t threads,
                                        Requests requests) {
  switch (kind) {
    case StrategyKind::pool:
      return std::make_unique<LeasingStrategy<ClientPool>>(client, pool, pool.acquire_timeout,
                                                           requests);
    case StrategyKind::per_thread:
      return std::make_unique<LeasingStrategy<ClientPerThread>>(
          client, PerThreadSettings{.name = pool.name, .max_threads = threads},
          pool.acquire_timeout, requests);
    case StrategyKind::channel:
      return std::make_unique<ChannelStrategy>(
          client, ChannelSettings{.name = pool.name, .clients = pool.size, .capacity = threads});
    case StrategyKind::shared_mutex:
      return std::make_unique<SharedStrategy>(client);
    case StrategyKind::per_thread_naive:
      return std::make_unique<OwnClientStrategy>(client, out_of_the_box);
    case StrategyKind::per_thread_tuned:
      return std::make_unique<OwnClientStrategy>(client, tuned);
  }
  return nullptr;
}

}  // namespace leasehold::stress
