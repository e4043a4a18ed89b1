#include "common/rounds.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <thread>

#include "common/percentiles.hpp"

namespace leasehold::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto value = line.find(": ");
    if (value != std::string::npos) return line.substr(value + 2);
  }
  return "unknown";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace

void write(Json& out, const char* name, const std::string& value) {
  out.Key(name);
  out.String(value.c_str());
}

void write_machine(Json& out) {
  write(out, "processor", processor());
  out.Key("processors");
  out.Uint(std::thread::hardware_concurrency());
  write(out, "compiler", __VERSION__);
  write(out, "date", today());
}

void write(Json& out, const RoundFigures& figures) {
  for (const auto& [figure, values] : figures) {
    out.Key(figure.c_str());
    out.StartObject();
    out.Key("median");
    out.Double(stress::median(values));
    out.Key("rounds");
    out.StartArray();
    for (const double value : values) out.Double(value);
    out.EndArray();
    out.EndObject();
  }
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

void print_table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  bool head = true;
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(widths[i] - cells[i].size(), ' ');
      line += "| " + (i == 0 ? cells[i] + gap : gap + cells[i]) + " ";
    }
    std::printf("%s|\n", line.c_str());
    if (!head) continue;
    head = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::printf("|%s%s", std::string(widths[i] + 1, '-').c_str(), i == 0 ? "-" : ":");
    }
    std::printf("|\n");
  }
  std::printf("\n");
}

bool FiguresFile::open(const std::string& path) {
  if (path.empty()) return true;
  path_ = path;
  file_.open(path);
  if (!file_) std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
  return static_cast<bool>(file_);
}

bool FiguresFile::write(const std::string& text) {
  if (!file_.is_open() || file_ << text << std::flush) return true;
  std::fprintf(stderr, "%s: could not be written\n", path_.c_str());
  return false;
}

}  // namespace leasehold::bench
