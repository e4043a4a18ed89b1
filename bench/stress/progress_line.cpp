#include "stress/progress_line.hpp"

#include <unistd.h>

#include <cstdio>

namespace leasehold::stress {

ProgressLine::ProgressLine(std::size_t orders)
    : terminal_(::isatty(STDERR_FILENO) == 1), orders_(orders) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::begin(const std::string& what) {
  what_ = what;
  begun_ = std::chrono::steady_clock::now();
  show(0);
}

void ProgressLine::show(std::size_t orders_done) {
  if (!terminal_) return;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun_;
  clear();
  std::fprintf(stderr, "%s: %zu of %zu orders, %.1f s", what_.c_str(), orders_done, orders_,
               passed.count());
  std::fflush(stderr);
}

void ProgressLine::clear() const {
  if (terminal_) std::fputs("\r\x1b[K", stderr);
}

}  // namespace leasehold::stress
