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
#include <map>
#include <string>

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

int serve(const ExchangeSettings& settings, const std::string& cert_out) {
  // Before any thread starts, so that only sigwait() below takes them.
  sigset_t endings;
  sigemptyset(&endings);
  sigaddset(&endings, SIGINT);
  sigaddset(&endings, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &endings, nullptr);

  allow_descriptors();
  Exchange exchange(settings);
  if (!cert_out.empty()) exchange.write_ca(cert_out);
  std::printf("%s\n", exchange.origin().c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&endings, &signal);
  exchange.stop();
  print_account(exchange.status());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ExchangeSettings settings;
  std::string cert_out;
  std::int64_t latency_us = 0;
  std::int64_t idle_us = std::chrono::microseconds(settings.idle_timeout).count();
  const std::map<std::string, std::int64_t> units = {
      {"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}};
  auto duration = CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED);
  duration.description("");  // the help says TIME

  CLI::App app(
      "A stock exchange on loopback: takes orders over HTTPS as Alpaca's Trading API does.");
  app.add_option("--port", settings.port, "TCP port; 0 takes a free one")->capture_default_str();
  app.add_option("--bind", settings.bind, "IPv4 or IPv6 address to listen on")
      ->capture_default_str();
  app.add_option("--latency", latency_us, "From a request to its answer: 500us, 2ms, 1s")
      ->transform(duration)
      ->type_name("TIME");
  app.add_option("--idle-timeout", idle_us,
                 "Close connections without requests after this (default: 1m)")
      ->transform(duration)
      ->type_name("TIME");
  app.add_option("--threads", settings.io_threads, "Threads that serve connections")
      ->capture_default_str();
  app.add_option("--cert-out", cert_out, "File for the certificate authority to trust, PEM");
  CLI11_PARSE(app, argc, argv);

  try {
    settings.latency = std::chrono::microseconds(latency_us);
    settings.idle_timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(idle_us));
    return serve(settings, cert_out);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "leasehold-exchange: %s\n", error.what());
    return 1;
  }
}
