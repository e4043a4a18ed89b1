// Whose CPU time leasehold-stress adds to that of its own threads.
#include <doctest/doctest.h>
#include <pthread.h>

#include <chrono>
#include <ctime>
#include <latch>
#include <thread>

#include "stress/library_cpu.hpp"

using namespace leasehold::stress;
using namespace std::chrono_literals;

namespace {

// Of the calling thread.
std::chrono::nanoseconds own_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void use_cpu(std::chrono::nanoseconds most) {
  while (own_cpu() < most) continue;
}

// A thread that has used 20 ms, and then lives as long as this object.
class Worker {
 public:
  explicit Worker(const char* name)
      : thread_([this, name] {
          if (name != nullptr) ::pthread_setname_np(::pthread_self(), name);
          use_cpu(20ms);
          used_.count_down();
          leave_.wait();
        }) {
    used_.wait();
  }
  ~Worker() { leave_.count_down(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

 private:
  std::latch used_{1}, leave_{1};
  std::jthread thread_;
};

}  // namespace

TEST_CASE("a thread of leasehold's counts while it lives, and once it has ended") {
  for (const char* name : {"leasehold-chan", "leasehold-conn", "leasehold-dns"}) {
    CAPTURE(name);
    // The clocks are read one after the other: what this thread uses in between may be in it.
    const auto began = own_cpu();
    const auto before = library_cpu().value();
    const auto in_between = own_cpu() - began;
    {
      const Worker worker(name);
      CHECK(library_cpu().value() - before >= 20ms - in_between);
    }
    CHECK(library_cpu().value() - before >= 20ms - in_between);
  }
}

TEST_CASE("another thread does not count while it lives") {
  const auto before = library_cpu().value();
  const Worker worker("leasehold-other");
  const Worker unnamed(nullptr);
  CHECK(library_cpu().value() - before < 20ms);
}
