#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace leasehold::stress {

// SIGINT and SIGTERM as a stop token. The first one triggers it; from then on they kill the process
// as usual, should it take too long to end. Made in main() before any other thread, so that all
// threads block them.
class Interruption {
 public:
  // Throws std::system_error.
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  // A file descriptor that closes itself.
  class Descriptor {
   public:
    Descriptor(int fd, const char* what);
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

   private:
    const int fd_;
  };

  void watch();

  const sigset_t signals_;  // blocked from here on
  std::stop_source stop_;
  const Descriptor arrivals_;  // a signalfd
  const Descriptor end_;       // an eventfd, written to by the destructor
  std::thread thread_;
};

}  // namespace leasehold::stress
