#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace leasehold::stress {

// A line on a terminal's standard error that rewrites itself; nothing where that is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::size_t orders);
  // Leaves an empty line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void begin(const std::string& what);
  void show(std::size_t orders_done);

 private:
  void clear() const;

  const bool terminal_;
  const std::size_t orders_;
  std::string what_;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace leasehold::stress
