#include "common/interruption.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace leasehold::stress {
namespace {

sigset_t blocked_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

Interruption::Descriptor::Descriptor(int fd, const char* what) : fd_(fd) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
}

Interruption::Descriptor::~Descriptor() { ::close(fd_); }

Interruption::Interruption()
    : signals_(blocked_signals()),
      arrivals_(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"),
      end_(::eventfd(0, EFD_CLOEXEC), "eventfd"),
      thread_([this] { watch(); }) {}

Interruption::~Interruption() {
  const std::uint64_t one = 1;
  while (::write(end_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
  thread_.join();
}

void Interruption::watch() {
  std::array<pollfd, 2> wanted = {{{.fd = end_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = arrivals_.get(), .events = POLLIN, .revents = 0}}};
  for (;;) {
    while (::poll(wanted.data(), wanted.size(), -1) < 0 && errno == EINTR) {
    }
    if (wanted[0].revents != 0) return;
    signalfd_siginfo arrival;
    if (::read(arrivals_.get(), &arrival, sizeof arrival) != sizeof arrival) continue;
    stop_.request_stop();
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    wanted[1].fd = -1;  // the next one ends the process here
  }
}

}  // namespace leasehold::stress
