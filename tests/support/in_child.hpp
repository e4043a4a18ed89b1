#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace leasehold::test {

inline constexpr int kChildSucceeded = 42;

// A child that hangs is ended.
inline void guard_child() { ::alarm(60); }

inline bool has_succeeded(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == kChildSucceeded;
}

// True if `look`, called in a child process, returns true.
template <class Look>
bool in_child(Look look) {
  const pid_t child = ::fork();
  if (child == 0) {
    guard_child();
    ::_exit(look() ? kChildSucceeded : 1);
  }
  return has_succeeded(child);
}

// Ends the child process with the thread that it is in.
struct ChildsEnd {
  int status = -1;
  ~ChildsEnd() {
    if (status != -1) ::_exit(status);
  }
};

// True if a thread that has done `before`, and forks, ends in the child when `look` has returned
// true there. In the parent it does `after`, and ends as well.
template <class Before, class Look, class After>
bool thread_ends_in_child(Before before, Look look, After after) {
  bool ended = false;
  std::thread([&] {
    // Made before what `before` makes of the thread's own, and so destroyed after it.
    static thread_local ChildsEnd end;
    end.status = -1;
    before();
    const pid_t child = ::fork();
    if (child == 0) {
      guard_child();
      end.status = look() ? kChildSucceeded : 1;
      return;
    }
    ended = has_succeeded(child);
    after();
  }).join();
  return ended;
}

}  // namespace leasehold::test
