#pragma once

#include <sched.h>

#include <cstddef>

namespace leasehold::bench {

// The processors that this process may run on, in two halves: so that a server that a bench starts
// and the clients that it measures do not take them from each other.
//
// With one processor both halves are that one.
class Processors {
 public:
  // Throws std::system_error.
  Processors();

  // The calling thread, and what it starts from now on (threads, processes), runs on this half.
  // Throw std::system_error.
  void run_as_server() const { run_on(servers_); }
  void run_as_client() const { run_on(clients_); }

  std::size_t servers() const noexcept { return static_cast<std::size_t>(CPU_COUNT(&servers_)); }
  std::size_t clients() const noexcept { return static_cast<std::size_t>(CPU_COUNT(&clients_)); }

 private:
  static void run_on(const cpu_set_t& half);

  cpu_set_t servers_;
  cpu_set_t clients_;
};

}  // namespace leasehold::bench
