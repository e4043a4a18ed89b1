#include "stress/options.hpp"

// The only includer of CLI11 in this program.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "common/option_values.hpp"
#include "core/settings_table.hpp"
#include "stress/order.hpp"

namespace leasehold::stress {
namespace {

// Each order costs 24 bytes here, and about 500 in an embedded exchange.
constexpr std::uint64_t most_orders = 10'000'000;
// The clients' request timeout is 5 s by default; beyond it every order would be in doubt.
constexpr std::chrono::microseconds longest_latency = std::chrono::seconds(4);

constexpr const char* footer = R"(
Each thread sends its orders one after the other, each to POST /v2/orders under a client_order_id of
its own. Latency is from the wish to send until the whole answer is there, the wait for a client
included. CPU is that of the sending threads and of those that leasehold itself starts (a channel's
workers, above all); the embedded exchange's is not in it. Connections are those open when the last
order has ended, as the embedded exchange counts them. Memory is what the strategy's clients,
connections and threads give back to the heap in the end; it and what an embedded exchange needs
cannot be told apart, so it is known with --origin only.

Strategies:
  pool              a leasehold::ClientPool, one lease per order
  per-thread        a leasehold::ClientPerThread, the same: each thread leases its own client
  channel           a leasehold::RequestChannel with --pool-size clients and one worker; a thread
                    submits its order and sleeps until the outcome is there. --request-timeout is
                    for all of it, and the wait for a client, which the thread cannot tell, unknown
  shared-mutex      one httplib::SSLClient out of the box behind a std::mutex
  per-thread-naive  one httplib::SSLClient out of the box per thread
  per-thread-tuned  the same by an expert's hand: keep-alive, TCP_NODELAY (the yardstick)
Out of the box, cpp-httplib makes a new connection for every order, and waits 40 ms in it:
shared-mutex places some 30 orders a second, however many threads there are, per-thread-naive some
hundreds. So all of them take about (threads × orders per thread × rounds) / 30 seconds, an hour
for 100 × 1000. With all, and without --orders-per-thread, each thread sends 10 orders.

The account:
  answered  HTTP 200 with this order's id
  refused   a trading client is certain that the exchange has not made it, because it said so or has
            no such order; of other requests that cannot be told: HTTP 422 may speak of the order's
            own first copy
  not sent  for certain, no byte of it reached the server: it got no client, or no connection (of
            cpp-httplib's requests the latter only below 0.12, which does not send again by itself)
  in doubt  anything else: it may have been executed. In the ledger or not, it is never missing
  missing   answered, and not committed in the exchange's ledger
  twice     received by the exchange more than once
  unknown   received by the exchange under an id that no order of the run has
With tenants, an order that was received under the keys of another is misdirected.
A server without GET /_sim/ledger keeps no ledger; then nothing can be missing, twice or unknown.
The embedded exchange has no other users: whatever it received must be an order of the run. A server
at --origin may have some: what lacks the prefix of this run's ids (SEED-TAG-RUN-) is taken for
theirs and ignored, even if it was an order of this run whose id was garbled on the way. Such an
order is missing if it was answered; if it was in doubt, nobody notices.

Exit status: 0 if every order was answered and the account adds up; 1 if it does not: orders are
missing, twice, unknown or misdirected, were received although not sent, committed although refused,
or were answered with another order's id; 2 if it could not run, or a result could not be written; 3
if the account adds up without every order answered, or the ledger could not be read; 130 if
interrupted. Ctrl-C ends it with the account so far; the second one kills it.)";

[[noreturn]] void refuse(const char* option, const std::string& value,
                         const std::string& expected) {
  throw SettingsError(option, value, expected);
}

std::chrono::microseconds latency_of(const char* option, const std::string& text) {
  return time_span(option, text,
                   {.least = std::chrono::microseconds(0),
                    .most = longest_latency,
                    .in_minutes = false,
                    .expected = "a whole number and its unit (us, ms or s), from 0ms to 4s"});
}

std::string names(std::span<const StrategyKind> kinds) {
  std::string text;
  for (const StrategyKind each : kinds) {
    text.append(text.empty() ? "" : ", ").append(to_string(each));
  }
  return text;
}

std::vector<StrategyKind> strategies_of(const char* option, const std::string& text) {
  if (text == "all") return {std::begin(kAllStrategies), std::end(kAllStrategies)};
  std::vector<StrategyKind> kinds;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view name = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const auto kind =
        std::ranges::find(kAllStrategies, name, [](StrategyKind each) { return to_string(each); });
    const bool known = kind != std::end(kAllStrategies);
    if (!known || std::ranges::find(kinds, *kind) != kinds.end()) {
      refuse(option, text,
             "all, or some of " + names(kAllStrategies) + ", each once, separated by commas");
    }
    kinds.push_back(*kind);
  }
  return kinds;
}

Requests requests_of(const char* option, const std::string& text) {
  const auto* const each = std::ranges::find(
      kAllRequests, text, [](Requests one) { return std::string_view(to_string(one)); });
  if (each != std::end(kAllRequests)) return *each;
  refuse(option, text, "send, plain or trading");
}

// Options that are settings of the library: its own table checks them.
class LibrarySettings {
 public:
  void set(const char* option, std::string_view section, std::string_view name,
           const std::string& text) {
    const auto known = detail::fields_of(section);
    builder_.set(*std::ranges::find(known, name, &detail::Field::name), option, text);
  }
  const Settings& get() const { return builder_.settings(); }

 private:
  detail::SettingsBuilder builder_{{.client = {}, .pool = Options().pool}};
};

std::variant<Options, HelpWanted> parse(std::span<const char* const> arguments) {
  Options options;
  LibrarySettings library;
  std::string latency_text;                      // as given
  std::optional<std::size_t> orders_per_thread;  // if given
  std::optional<std::size_t> tenants;            // if given

  CLI::App app("Places orders over TLS from many threads, and accounts for every one of them.",
               "leasehold-stress");
  app.footer(footer);
  app.get_formatter()->column_width(30);
  // All values come as text, so that what is wrong with one is said in one way.
  const auto option = [&app](const char* name, const char* type, const std::string& preset,
                             const std::string& help,
                             const std::function<void(const char*, const std::string&)>& take) {
    app.add_option_function<std::string>(
           name, [name, take](const std::string& text) { take(name, text); }, help)
        ->type_name(type)
        ->default_str(preset);
  };

  option("--threads", "N", "100", "Engine threads", [&](const char* name, const std::string& text) {
    options.threads = whole_number(name, text, 1, 10'000);
  });
  option("--orders-per-thread", "N", "1000; with --strategy all: 10",
         "Orders that each thread sends", [&](const char* name, const std::string& text) {
           orders_per_thread = whole_number(name, text, 1, most_orders);
         });
  option(
      "--pool-size", "N", "16", "Clients in the pool, or the channel",
      [&](const char* name, const std::string& text) { library.set(name, "pool", "size", text); });
  option("--strategy", "NAME,...", "pool",
         "How threads come to clients; several, or all, are compared",
         [&](const char* name, const std::string& text) {
           options.strategies = strategies_of(name, text);
         });
  option("--requests", "KIND", "send",
         "Of the first three strategies: leasehold's own (send), cpp-httplib's (plain), or those "
         "of a trading client for each tenant (trading)",
         [&](const char* name, const std::string& text) {
           options.requests = requests_of(name, text);
         });
  option(
      "--tenants", "N", "0; with --requests trading: 3",
      "Tenants with an account each at the embedded exchange; threads place their orders in turn",
      [&](const char* name, const std::string& text) {
        tenants = whole_number(name, text, 0, 1000);
      });
  option("--rounds", "N", "1", "How often each strategy runs, in turns; medians are compared",
         [&](const char* name, const std::string& text) {
           options.rounds = whole_number(name, text, 1, 100);
         });
  option("--seed", "N", "1", "What symbols, sides, quantities and prices are drawn from",
         [&](const char* name, const std::string& text) {
           options.seed = whole_number(name, text, 0, std::numeric_limits<std::uint64_t>::max());
         });
  option("--acquire-timeout", "TIME", "60s", "How long an order waits for a client of the pool",
         [&](const char* name, const std::string& text) {
           library.set(name, "pool", "acquire_timeout", text);
         });
  option("--connect-timeout", "TIME", "2s", "How long connecting and the TLS handshake may take",
         [&](const char* name, const std::string& text) {
           library.set(name, "client", "connect_timeout", text);
         });
  option("--request-timeout", "TIME", "5s", "How long an order may take once it has a client",
         [&](const char* name, const std::string& text) {
           library.set(name, "client", "request_timeout", text);
         });
  option("--latency", "TIME", "0ms", "What the embedded exchange takes for an answer: 500us, 2ms",
         [&](const char* name, const std::string& text) {
           options.latency = latency_of(name, text);
           latency_text = text;
         });
  option("--origin", "URL", "", "An exchange that runs already, in place of the embedded one",
         [&](const char* name, const std::string& text) {
           library.set(name, "client", "origin", text);
         });
  option("--ca-file", "FILE", "",
         "The only authorities to trust at --origin, PEM; else the system's",
         [&](const char* name, const std::string& text) {
           library.set(name, "client", "ca_file", text);
         });
  option("--json", "FILE", "", "Where to write the results as JSON, too",
         [&](const char* name, const std::string& text) {
           if (text.empty()) refuse(name, text, "a path");
           options.json_file = text;
         });

  // CLI11 takes them from the back.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return HelpWanted{app.help()};
  } catch (const CLI::ExtrasError&) {
    throw unknown_argument(app.remaining());
  }

  const bool all = options.strategies.size() == std::size(kAllStrategies);
  options.orders_per_thread = orders_per_thread.value_or(all ? 10 : 1000);
  if (options.requests == Requests::plain &&
      std::ranges::find(options.strategies, StrategyKind::channel) != options.strategies.end()) {
    refuse("--requests", to_string(options.requests),
           "send, with channel in --strategy: a channel has no leases for cpp-httplib's calls");
  }
  const bool trades = options.requests == Requests::trading;
  options.tenants = tenants.value_or(trades ? 3 : 0);
  if (trades && options.tenants == 0) {
    refuse("--tenants", "0", "1 or more, with --requests trading");
  }
  options.client = library.get().client;
  if (!options.client.origin.empty() && trades) {
    refuse("--requests", "trading",
           "send or plain, with --origin: only the embedded exchange has the tenants' accounts");
  }
  if (!options.client.origin.empty() && options.tenants > 0) {
    refuse("--tenants", std::to_string(options.tenants),
           "0 with --origin: only the embedded exchange has their accounts");
  }
  options.pool = library.get().pool;
  options.pool.max_waiting = options.threads;  // nobody is refused for want of a place in line
  if (options.threads * std::uint64_t{options.orders_per_thread} > most_orders) {
    refuse("--orders-per-thread", std::to_string(options.orders_per_thread),
           "at most " + std::to_string(most_orders) + " orders of all threads together");
  }
  if (options.client.origin.empty() && !options.client.ca_file.empty()) {
    refuse("--ca-file", options.client.ca_file,
           "--origin, too: the embedded exchange vouches for itself");
  }
  if (!options.client.origin.empty() && !latency_text.empty()) {
    refuse("--latency", latency_text, "no --origin: only the embedded exchange has it");
  }
  return options;
}

static_assert(most_orders <= OrderIds::kMostPerThread);
static_assert(10'000 <= OrderIds::kMostThreads);
static_assert(std::size(kAllStrategies) * 100 <= OrderIds::kMostRuns);

}  // namespace

std::variant<Options, HelpWanted> parse_options(std::span<const char* const> arguments) try {
  return parse(arguments);
} catch (const CLI::Error& error) {
  throw std::invalid_argument(error.what());
}

}  // namespace leasehold::stress
