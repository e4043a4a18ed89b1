#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace leasehold::test {

// True if `look`, called in a child process, returns true.
template <class Look>
bool in_child(Look look) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(look() ? 42 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

}  // namespace leasehold::test
