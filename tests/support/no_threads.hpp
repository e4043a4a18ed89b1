#pragma once

#include <pthread.h>

#include <cstddef>
#include <stdexcept>

namespace leasehold::test {

// While it lives there is no memory for another thread: the stack that one would be given is larger
// than any process may be.
class NoThreads {
 public:
  NoThreads() {
    check(::pthread_getattr_default_np(&usual_));
    pthread_attr_t boundless;
    check(::pthread_getattr_default_np(&boundless));
    check(::pthread_attr_setstacksize(&boundless, std::size_t{1} << 56));
    check(::pthread_setattr_default_np(&boundless));
    ::pthread_attr_destroy(&boundless);
  }
  ~NoThreads() {
    ::pthread_setattr_default_np(&usual_);
    ::pthread_attr_destroy(&usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  static void check(int error) {
    if (error != 0) throw std::runtime_error("cannot set how large a thread's stack is");
  }

  pthread_attr_t usual_;
};

}  // namespace leasehold::test
