#pragma once

#include <signal.h>

namespace leasehold::test {

// SIGPIPE ends this program, whatever its parent has set: for tests of what must never raise it.
inline const bool sigpipe_made_deadly = ::signal(SIGPIPE, SIG_DFL) != SIG_ERR;

// Nobody has changed that since.
inline bool sigpipe_is_deadly() {
  struct sigaction action {};
  return sigpipe_made_deadly && ::sigaction(SIGPIPE, nullptr, &action) == 0 &&
         action.sa_handler == SIG_DFL;
}

}  // namespace leasehold::test
