// leasehold-stress: the main job. Places orders over TLS from many threads through a pool of
// clients, and holds what it believes against what the exchange received; --help says the rest.
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "common/interruption.hpp"
#include "common/printed.hpp"
#include "stress/heap.hpp"
#include "stress/library_cpu.hpp"
#include "stress/options.hpp"
#include "stress/progress_line.hpp"
#include "stress/report.hpp"
#include "stress/run.hpp"
#include "stress/venue.hpp"

namespace leasehold::stress {
namespace {

// The file for the results, opened before the run: that it cannot be written must not be learnt
// afterwards.
class ResultFile {
 public:
  explicit ResultFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    file_.reset(std::fopen(path.c_str(), "we"));
    if (!file_) {
      throw SettingsError(
          "--json", path,
          "a file that can be written (" + std::generic_category().message(errno) + ")");
    }
  }

  void write(const std::string& text) {
    if (!file_) return;
    errno = 0;
    const bool written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size();
    if (std::fclose(file_.release()) != 0 || !written) {
      throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(),
                              "cannot write " + path_);
    }
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  const std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// Each connection takes a descriptor at either end, and the usual soft limit is 1024.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<Venue> venue_for(const Options& options, const Tenants& tenants) {
  if (!options.client.origin.empty()) {
    try {
      return remote_venue(options.client);
    } catch (const SettingsError& error) {  // the one setting that cannot be checked without use
      throw SettingsError("--ca-file", error.value(), error.expected());
    }
  }
  // Clients that connect for every order leave connections behind that the exchange has yet to
  // close.
  const std::size_t connections = 1024 + 4 * std::max(options.threads, options.pool.size);
  return embedded_venue(options.latency, std::min<std::size_t>(connections, 65'535), tenants);
}

RunResult run_once(const Options& options, StrategyKind kind, const OrderIds& ids,
                   const std::stop_token& stop, ProgressLine& progress) {
  const RunPlan plan{.threads = options.threads,
                     .orders_per_thread = options.orders_per_thread,
                     .seed = options.seed};
  const Tenants tenants = make_tenants(options.tenants);
  const std::unique_ptr<Venue> venue = venue_for(options, tenants);
  std::unique_ptr<Strategy> strategy =
      make_strategy(kind, venue->client_settings(options.client), options.pool, options.threads,
                    options.requests, tenants);
  progress.begin(to_string(kind));
  Use use;
  std::optional<std::uint64_t> heap;
  const std::optional<std::chrono::nanoseconds> cpu_before = library_cpu();
  const auto at_the_end = [&] {
    const std::optional<std::chrono::nanoseconds> cpu = library_cpu();
    if (cpu && cpu_before) use.library_cpu = *cpu - *cpu_before;
    use.connections = venue->connections();
    heap = heap_in_use();
  };
  const std::vector<ThreadRecord> threads = run(
      plan, ids, *strategy, stop, [&progress](std::size_t done) { progress.show(done); },
      at_the_end);

  use.handshakes.engine = strategy->handshakes();
  if (!use.handshakes.engine) use.handshakes.engine = venue->handshakes();
  strategy.reset();
  const std::optional<std::uint64_t> heap_after = heap_in_use();
  const bool embedded = options.client.origin.empty();
  if (heap && heap_after && !embedded) use.memory = *heap - std::min(*heap, *heap_after);

  return evaluate(kind, requests_by(kind, options.requests), plan, options.pool.size, ids, threads,
                  venue->close_ledger(), use, tenants);
}

std::vector<RunResult> run_all(const Options& options, const std::stop_token& stop) {
  ProgressLine progress(options.threads * options.orders_per_thread);
  const std::uint32_t tag = std::random_device()();
  std::vector<RunResult> results;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (const StrategyKind kind : options.strategies) {
      if (stop.stop_requested() && !results.empty()) return results;
      const OrderIds ids(options.seed, tag, results.size());
      results.push_back(run_once(options, kind, ids, stop, progress));
    }
  }
  return results;
}

ExitStatus stress(const Options& options) {
  // Before any thread starts.
  Interruption interruption;
  std::signal(SIGPIPE, SIG_IGN);  // the naive strategies write to sockets that the peer has closed
  allow_descriptors();
  ResultFile file(options.json_file);

  const std::stop_callback notice(interruption.token(), [] {
    std::fputs("leasehold-stress: waiting for the orders on their way; once more kills it\n",
               stderr);
  });
  const std::vector<RunResult> results = run_all(options, interruption.token());
  const std::string venue =
      options.client.origin.empty()
          ? "embedded exchange, latency " + std::to_string(options.latency.count()) + " µs"
          : options.client.origin;
  std::fputs(report_text(results, venue).c_str(), stdout);
  file.write(report_json(results));
  finish_standard_output();
  return verdict(results, interruption.token().stop_requested());
}

ExitStatus main_with(std::span<const char* const> arguments) try {
  expect_standard_output();
  std::variant<Options, HelpWanted> wanted = parse_options(arguments);
  if (const auto* help = std::get_if<HelpWanted>(&wanted)) {
    std::fputs(help->text.c_str(), stdout);
    finish_standard_output();
    return ExitStatus::all_answered;
  }
  return stress(std::get<Options>(wanted));
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "leasehold-stress: %s\nSee leasehold-stress --help.\n", error.what());
  return ExitStatus::could_not_run;
} catch (const std::exception& error) {
  std::fprintf(stderr, "leasehold-stress: %s\n", error.what());
  return ExitStatus::could_not_run;
}

}  // namespace
}  // namespace leasehold::stress

int main(int argc, char** argv) {
  return static_cast<int>(
      leasehold::stress::main_with({argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)}));
}
