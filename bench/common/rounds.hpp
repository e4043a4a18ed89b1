#pragma once

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

// What the benchmarks share that measure everything once in each of several rounds: whatever the
// machine does meanwhile meets all alike.
namespace leasehold::bench {

// By name, each figure's value in each round.
using RoundFigures = std::map<std::string, std::vector<double>>;

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

// As members of the object that is open.
void write(Json& out, const char* name, const std::string& value);
// Processor, compiler and day.
void write_machine(Json& out);
// {"median": …, "rounds": […]} for each figure.
void write(Json& out, const RoundFigures& figures);

// A figure with so many digits behind the point.
std::string fixed(double value, int digits);

// On standard output, a table in Markdown that is aligned for the terminal too: the first column to
// the left, figures to the right. The first line is its head.
void print_table(const std::vector<std::vector<std::string>>& lines);

// In a cell whose figure is missing: it was left out by a filter, or has no meaning.
inline constexpr const char* kMissing = "-";

// Says which round it is, where somebody looks. False, and no further round, if one is false.
template <class Round>
bool for_each_round(int rounds, Round measure) {
  const bool somebody_looks = ::isatty(STDERR_FILENO) != 0;
  for (int round = 1; round <= rounds; ++round) {
    if (somebody_looks) std::fprintf(stderr, "\rround %d of %d", round, rounds);
    if (!measure(round)) return false;
  }
  if (somebody_looks) std::fprintf(stderr, "\r%*s\r", 40, "");
  return true;
}

// Where the figures go, if anywhere. What goes wrong is said on standard error.
class FiguresFile {
 public:
  // Before the rounds. Nothing if the path is empty.
  bool open(const std::string& path);
  bool write(const std::string& text);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace leasehold::bench
