// leasehold-exchange: the paper exchange as a program, for clients in other processes or languages.
//
//   leasehold-exchange --port 8443 --latency 2ms --cert-out ca.pem
//   curl --cacert ca.pem https://127.0.0.1:8443/v2/clock
//
// Prints its origin once it serves, on a line of its own; SIGINT or SIGTERM ends it with an
// account.

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>

#include "common/option_values.hpp"
#include "common/printed.hpp"
#include "exchange/accounts_file.hpp"
#include "leasehold/paper/exchange.hpp"

namespace {

using leasehold::paper::Exchange;
using leasehold::paper::ExchangeSettings;
using leasehold::paper::ExchangeStatus;

// Each connection needs a file descriptor, and the usual soft limit of 1024 is less than asked for.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_account(const ExchangeStatus& status) {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu connections accepted and %llu turned away, %llu TLS handshakes (%llu failed), %llu "
      "requests. Orders: %llu committed, %llu sent again under a spent client_order_id, %llu "
      "refused.\n",
      number(status.connections_accepted), number(status.connections_refused),
      number(status.handshakes), number(status.handshakes_failed), number(status.requests),
      number(status.orders_committed), number(status.orders_duplicate),
      number(status.orders_refused));
}

void write_ca(const Exchange& exchange, const std::string& path) try {
  exchange.write_ca(path);
} catch (const std::system_error& error) {
  throw leasehold::SettingsError("--cert-out", path,
                                 "a file that can be written (" + error.code().message() + ")");
}

int serve(const ExchangeSettings& settings, const std::string& cert_out) {
  // Before any thread starts, so that only sigwait() below takes them.
  sigset_t endings;
  sigemptyset(&endings);
  sigaddset(&endings, SIGINT);
  sigaddset(&endings, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &endings, nullptr);

  allow_descriptors();
  Exchange exchange(settings);
  if (!cert_out.empty()) write_ca(exchange, cert_out);
  std::printf("%s\n", exchange.origin().c_str());
  leasehold::finish_standard_output();

  int signal = 0;
  sigwait(&endings, &signal);
  exchange.stop();
  print_account(exchange.status());
  leasehold::finish_standard_output();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  ExchangeSettings settings;
  std::string cert_out;
  CLI::App app(
      "A stock exchange on loopback: takes orders over HTTPS as Alpaca's Trading API does.");
  app.add_option_function<std::string>(
         "--port",
         [&](const std::string& text) {
           settings.port =
               static_cast<std::uint16_t>(leasehold::whole_number("--port", text, 0, 65'535));
         },
         "TCP port; 0 takes a free one")
      ->default_str("0");
  app.add_option("--bind", settings.bind, "IPv4 or IPv6 address to listen on")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--latency",
         [&](const std::string& text) {
           settings.latency = leasehold::time_span(
               "--latency", text,
               {.least = 0us,
                .most = 1h,
                .in_minutes = true,
                .expected = "a whole number and its unit (us, ms, s or m), from 0ms to 60m"});
         },
         "From a request to its answer: 500us, 2ms, 1s")
      ->type_name("TIME")
      ->default_str("0ms");
  app.add_option_function<std::string>(
         "--idle-timeout",
         [&](const std::string& text) {
           settings.idle_timeout =
               std::chrono::duration_cast<std::chrono::milliseconds>(leasehold::time_span(
                   "--idle-timeout", text,
                   {.least = 1ms,
                    .most = 24h,
                    .in_minutes = true,
                    .expected = "a whole number and its unit (ms, s or m), from 1ms to 1440m",
                    .step = 1ms}));
         },
         "Close connections without requests after this")
      ->type_name("TIME")
      ->default_str("1m");
  app.add_option_function<std::string>(
         "--threads",
         [&](const std::string& text) {
           settings.io_threads =
               static_cast<std::size_t>(leasehold::whole_number("--threads", text, 1, 64));
         },
         "Threads that serve connections")
      ->default_str(std::to_string(settings.io_threads));
  // A file, because everybody on the machine sees the command line.
  app.add_option_function<std::string>(
      "--accounts",
      [&](const std::string& path) { settings.accounts = leasehold::accounts_from_file(path); },
      "JSON file of who may trade: [{\"key_id\":\"...\",\"secret\":\"...\"}]; without it, anybody");
  app.add_option("--cert-out", cert_out, "File for the certificate authority to trust, PEM");

  try {
    leasehold::expect_standard_output();
    try {
      app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) {
      throw leasehold::unknown_argument(app.remaining());
    } catch (const CLI::ParseError& error) {
      const bool help = app.exit(error) == 0;
      leasehold::finish_standard_output();
      return help ? 0 : 2;
    }
    return serve(settings, cert_out);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "leasehold-exchange: %s\n", error.what());
    return 2;
  }
}
