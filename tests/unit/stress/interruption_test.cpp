// SIGINT and SIGTERM as leasehold-stress takes them, each tried in a process of its own.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <semaphore>
#include <stop_token>

#include "common/interruption.hpp"

using leasehold::stress::Interruption;

namespace {

// The status of a child process that runs `action`, and then ends with status 0.
int status_of(const std::function<void()>& action) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);  // doctest handles them
    action();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

void interrupt(const Interruption& interruption, int signal) {
  std::binary_semaphore stopped(0);
  const std::stop_callback notice(interruption.token(), [&stopped] { stopped.release(); });
  ::kill(::getpid(), signal);
  stopped.acquire();
}

bool ended_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

}  // namespace

TEST_CASE("without a signal nothing is stopped, and the end does not wait for one") {
  CHECK(ended_well(status_of([] {
    const Interruption interruption;
    if (interruption.token().stop_requested()) ::_exit(1);
  })));
}

TEST_CASE("the first signal stops, and the process lives on") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    CHECK(ended_well(status_of([signal] {
      const Interruption interruption;
      interrupt(interruption, signal);
    })));
  }
}

TEST_CASE("the second signal kills") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const int status = status_of([signal] {
      const Interruption interruption;
      interrupt(interruption, SIGINT);
      ::kill(::getpid(), signal);
      for (;;) ::pause();
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
  }
}
