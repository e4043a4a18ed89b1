// leasehold-bench-acquire: what acquire and release cost, against other ways to share n clients.
//
// Workloads (pools.hpp says what each pool is)
//   uncontended/tT_cC        T threads, as many clients, no hold: pairs of acquire and release as
//                            fast as they go. Nobody ever has to wait. _pP: of P pools in turn.
//   contended/tT_cC_hHus     T threads, fewer clients, each lease held for H us of sleep. What it
//                            really was is measured, and the ideal wait computed from that.
//   refused/cC               one thread has all C clients and asks for one more: the first refusal,
//                            and those after it. The largest pool takes 2 GB and 15 s to build.
// Knobs
//   --rounds N               every benchmark once in each of N rounds; the tables show medians
//   --quick                  one short round of all, to see that it runs; the figures mean nothing
//   --json FILE              the medians, and each round's value, of every figure
//   --benchmark_filter=RE    only these (Google Benchmark's, as all --benchmark_... options)
// Exit status: 0, or 2 if it could not run or its results could not be written.
// How to read it
//   Compare figures of one run, as ratios: machines, and one machine's minutes, differ by more than
//   pools do. `atomics` is the floor: one compare-and-swap and one exchange on a line of the
//   thread's own. CPU time is less disturbed than wall time by whatever else the machine does.
//   Contended, the pools differ little in leases per second: what counts is how long the
//   unluckiest wait. first/last is the time of the first thread to finish over that of the last:
//   1 is fair.

#include <benchmark/benchmark.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "acquire/report.hpp"
#include "acquire/workloads.hpp"
#include "common/printed.hpp"
#include "common/rounds.hpp"

namespace {

// False: one of them is no option of Google Benchmark's.
bool pass_on(const char* program, std::vector<std::string> options) {
  std::string name = program;
  std::vector<char*> argv{name.data()};
  for (std::string& option : options) argv.push_back(option.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  benchmark::Initialize(&argc, argv.data());
  return !benchmark::ReportUnrecognizedArguments(argc, argv.data());
}

int run(int argc, char** argv) {
  int rounds = 9;
  bool quick = false;
  std::string json_file;
  CLI::App app("What acquire and release cost, against other ways to share clients.");
  app.add_option("--rounds", rounds, "Rounds; the tables show their medians")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--quick", quick, "One short round: does it run?");
  app.add_option("--json", json_file, "Where to write the figures of every round");
  app.footer("Others are Google Benchmark's, such as --benchmark_filter=<regex>.");
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool help = app.exit(error) == 0;
    leasehold::finish_standard_output();
    return help ? 0 : 2;
  }
  if (!pass_on(argv[0], app.remaining())) return 2;
  if (quick) rounds = 1;

  leasehold::bench::FiguresFile json;
  if (!json.open(json_file)) return 2;

  // Holds end when they should: the default is up to 50 us later. Threads inherit it.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);

  leasehold::bench::register_uncontended(quick);
  leasehold::bench::register_contended(quick);
  leasehold::bench::register_refused(quick);
  leasehold::bench::Report report;
  const bool ran = leasehold::bench::for_each_round(
      rounds, [&report](int) { return benchmark::RunSpecifiedBenchmarks(&report) != 0; });
  if (!ran) return 2;
  benchmark::Shutdown();

  report.print();
  if (!json.write(report.json(rounds, quick))) return 2;
  leasehold::finish_standard_output();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  leasehold::expect_standard_output();
  return run(argc, argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "leasehold-bench-acquire: %s\n", error.what());
  return 2;
}
