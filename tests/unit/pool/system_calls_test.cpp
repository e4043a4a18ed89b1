// Acquire and release make no system call while nobody waits: done where the kernel kills who
// makes one.
#include <doctest/doctest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "support/sanitizer.hpp"

using namespace leasehold;

namespace {

// Runs `work` in a process that may only read, write and end. How it ended, as for waitpid().
template <class Work>
int run_confined(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) ::_exit(2);
    // Not _exit(): it ends all threads of the process, which is another call.
    ::syscall(SYS_exit, work() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("acquire and release make no system call while nobody waits") {
  if (test::kSanitized) return;  // the sanitizers make calls of their own
  ClientPool pool({.origin = "https://127.0.0.1:1"}, {.size = 2});
  const int status = run_confined([&pool] {
    for (int i = 0; i < 10'000; ++i) {
      ClientLease first = pool.acquire();
      const ClientLease second = pool.try_acquire();
      if (!first || !second) return false;
      first.release();
    }
    return true;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a thread's own client is acquired and released without a system call") {
  if (test::kSanitized) return;
  ClientPerThread clients({.origin = "https://127.0.0.1:1"});
  static_cast<void>(clients.acquire());  // builds it
  const int status = run_confined([&clients] {
    for (int i = 0; i < 10'000; ++i) {
      const ClientLease lease = clients.acquire();
      const ClientLease none = clients.try_acquire();
      if (!lease || none) return false;
    }
    return true;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a system call would have been seen") {
  if (test::kSanitized) return;
  const int status = run_confined([] { return ::getppid() > 0; });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}
