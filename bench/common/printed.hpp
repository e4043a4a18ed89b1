#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace leasehold {

// Before a program opens anything. Throws std::system_error if standard output is closed: the next
// descriptor would take its place, and get the report.
inline void expect_standard_output() {
  if (::fcntl(STDOUT_FILENO, F_GETFD) >= 0) return;
  throw std::system_error(errno, std::generic_category(), "cannot write to standard output");
}

// After the last word. Throws std::system_error unless all that was printed is written.
inline void finish_standard_output() {
  const bool flushed = std::fflush(stdout) == 0;
  const int error = flushed ? EIO : errno;  // what failed earlier has left no reason
  if (flushed && std::ferror(stdout) == 0) return;
  throw std::system_error(error, std::generic_category(), "cannot write to standard output");
}

}  // namespace leasehold
