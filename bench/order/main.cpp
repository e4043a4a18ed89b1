// leasehold-bench-order: what an order costs, from the wish to send it to its checked answer.
//
// Workloads
//   tT_cC[_s2ms]             T threads, each of which POSTs an order of 150 bytes again and again
//                            to nginx over TLS 1.3, which this program starts; it reads the whole
//                            request and answers with 850 bytes: at once, or after 2 ms. Pools have
//                            C clients.
//   t1_c16                   one thread that has 16 orders under way
// Contestants
//   leasehold                ClientPool::send() with a PreparedRequest and a deadline
//   channel                  RequestChannel::submit(), and get() of its future
//   in_flight                RequestChannel with a ResponseChannel, by one thread
//   raw                      OpenSSL on a blocking socket, a connection for each thread: the limit
//   tuned                    httplib::SSLClient with keep-alive and TCP_NODELAY, for each thread
//   mutex_pool               C of these in a vector, with a mutex and a condition variable
//   raw_alone                raw with C threads: how quick the server is when nobody waits in line
// Knobs
//   --rounds N               each contestant once in each of N rounds; the tables show medians
//   --seconds S              for how long each time, after a tenth of that to warm up
//   --filter RE              only these, as workload/contestant
//   --quick                  one short round of all, to see that it runs; the figures mean nothing
//   --share-processors       client and server on all processors, not on one half each
//   --json FILE              the medians, and each round's value, of every figure
//   --nginx FILE, --echo-module FILE      where they are
// Exit status: 0; 130 if it was interrupted; 2 if it could not run, a request was not answered as
//   it must be, or the results could not be written.
// How to read it
//   Compare figures of one run, as ratios: machines, and one machine's minutes, differ by more than
//   contestants do. "/ raw" and "/ tuned" are the medians of what the ratio was in each round. CPU
//   is that of this process, all threads. It runs on one half of the processors and the server on
//   the other, as on two machines; with --share-processors both run on all. The ideal is what every
//   order would take if all stood in one line, in order, without delay, before C connections that
//   are as quick as raw_alone's.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/interruption.hpp"
#include "common/printed.hpp"
#include "common/processors.hpp"
#include "common/rounds.hpp"
#include "order/contestants.hpp"
#include "order/measure.hpp"
#include "order/report.hpp"
#include "support/nginx.hpp"

namespace leasehold::bench {
namespace {

constexpr std::string_view kAtOnce = "/v2/orders";
constexpr std::string_view kAfter2ms = "/v2/orders/2ms";

constexpr Workload kWorkloads[] = {{"t1_c1", 1, 1, kAtOnce},
                                   {"t8_c8", 8, 8, kAtOnce},
                                   {"t100_c16", 100, 16, kAtOnce},
                                   {"t100_c16_s2ms", 100, 16, kAfter2ms},
                                   {"t1_c16", 1, 16, kAtOnce}};

struct Options {
  int rounds = 9;
  double seconds = 1;
  bool quick = false;
  bool share_processors = false;
  std::string filter;
  std::string json_file;
  std::string nginx = "/usr/sbin/nginx";
  std::string echo_module = "/usr/lib/nginx/modules/ngx_http_echo_module.so";
};

// Throws SettingsError.
test::Nginx::Setup server_of(const Options& options, std::size_t processors) {
  constexpr const char* expected =
      "nginx and its echo module (Debian: apt-get install nginx-light libnginx-mod-http-echo)";
  if (::access(options.nginx.c_str(), X_OK) != 0) {
    throw SettingsError("--nginx", options.nginx, expected);
  }
  if (::access(options.echo_module.c_str(), R_OK) != 0) {
    throw SettingsError("--echo-module", options.echo_module, expected);
  }
  // `return` alone would answer before the body is there, and hide what it costs to send it apart.
  const auto location = [](std::string_view path, const std::string& wait) {
    return "location = " + std::string(path) + " { echo_read_request_body; " + wait +
           "echo_exec @accepted; }\n";
  };
  return {.program = options.nginx,
          .server =
              "ssl_protocols TLSv1.3; keepalive_requests 1000000000;\n"
              "default_type application/json;\n" +
              location(kAtOnce, "") + location(kAfter2ms, "echo_sleep 0.002; ") +
              "location @accepted { return 200 '" + std::string(kAnswer) +
              "'; }\nlocation / { return 404; }",
          .everyone = "load_module " + options.echo_module + ";",
          .workers = static_cast<unsigned>(processors)};
}

std::vector<Entry> contestants(const Workload& workload, const std::regex& filter) {
  std::vector<Entry> all(std::begin(kEntries), std::end(kEntries));
  if (workload.in_flight()) all = {{"in_flight", true, make_in_flight}};
  if (workload.threads != workload.clients) all.push_back({kAlone, true, make_raw});
  std::erase_if(all, [&](const Entry& entry) {
    return !std::regex_search(workload.name + ("/" + std::string(entry.name)), filter);
  });
  return all;
}

void measure_one(const Options& options, const ClientSettings& server, const Workload& workload,
                 const Entry& entry, const std::stop_token& stop, Report& report) try {
  const Task task{.server = server,
                  .path = workload.path,
                  .threads = entry.name == kAlone ? workload.clients : workload.threads,
                  .clients = workload.clients};
  const auto contestant = entry.make(task);
  const Measured measured =
      measure(*contestant, task.threads, std::chrono::duration<double>(options.seconds), stop);
  report.add(workload, entry.name, entry.pooled ? task.clients : task.threads, measured);
} catch (const std::runtime_error& error) {
  throw std::runtime_error(std::string(workload.name) + "/" + std::string(entry.name) + ": " +
                           error.what());
}

int bench(const Options& options) {
  const std::regex filter(options.filter);
  if (std::ranges::all_of(
          kWorkloads, [&](const Workload& each) { return contestants(each, filter).empty(); })) {
    throw SettingsError("--filter", options.filter, "a part of one workload/contestant at least");
  }
  const Processors processors;
  const test::Nginx::Setup setup = server_of(options, processors.servers());
  FiguresFile json;
  if (!json.open(options.json_file)) return 2;

  const stress::Interruption interruption;  // before any other thread
  const std::stop_token stop = interruption.token();
  std::signal(SIGPIPE, SIG_IGN);  // raw and cpp-httplib write to sockets that the peer has closed
  if (!options.share_processors) processors.run_as_server();
  const test::Nginx nginx(setup);
  if (!options.share_processors) processors.run_as_client();
  ClientSettings server = nginx.client();
  server.connect_timeout = server.request_timeout = kPatience;

  Report report;
  const bool ran = for_each_round(options.rounds, [&](int round) {
    for (const Workload& workload : kWorkloads) {
      std::vector<Entry> turns = contestants(workload, filter);
      if (turns.empty()) continue;
      // Each time another one is the first.
      std::rotate(turns.begin(), turns.begin() + (round - 1) % std::ssize(turns), turns.end());
      for (const Entry& entry : turns) {
        measure_one(options, server, workload, entry, stop, report);
        if (stop.stop_requested()) return false;
      }
    }
    return true;
  });
  if (!ran) return 130;
  report.print(options.rounds, options.seconds);
  if (!json.write(report.json(options.rounds, options.seconds))) return 2;
  finish_standard_output();
  return 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("What an order costs, from the wish to send it to its checked answer.");
  app.add_option("--rounds", options.rounds, "Rounds; the tables show their medians")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "For how long each contestant runs in each round")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "One short round: does it run?");
  app.add_flag("--share-processors", options.share_processors,
               "Client and server on all processors, not on one half each");
  app.add_option("--filter", options.filter, "Only these: a regular expression for t8_c8/tuned");
  app.add_option("--json", options.json_file, "Where to write the figures of every round");
  app.add_option("--nginx", options.nginx, "The server's program")->capture_default_str();
  app.add_option("--echo-module", options.echo_module, "Its echo module")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool help = app.exit(error) == 0;
    finish_standard_output();
    return help ? 0 : 2;
  }
  if (options.quick) {
    options.rounds = 1;
    options.seconds = 0.05;
  }
  return bench(options);
}

}  // namespace
}  // namespace leasehold::bench

int main(int argc, char** argv) try {
  leasehold::expect_standard_output();
  return leasehold::bench::run(argc, argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "leasehold-bench-order: %s\n", error.what());
  return 2;
}
