#pragma once

#include <csignal>

namespace leasehold::detail {

// Threads inherit the signal mask: those made while this lives never take a signal, neither one
// meant for the program's own threads, nor SIGPIPE, which writing to a peer that is gone raises in
// the writing thread. The process's dispositions stay as they are.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace leasehold::detail
