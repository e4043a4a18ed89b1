#include "common/processors.hpp"

#include <cerrno>
#include <system_error>

namespace leasehold::bench {

Processors::Processors() {
  CPU_ZERO(&servers_);
  CPU_ZERO(&clients_);
  cpu_set_t all;
  CPU_ZERO(&all);
  if (::sched_getaffinity(0, sizeof all, &all) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot tell which processors to use");
  }
  const int count = CPU_COUNT(&all);
  int seen = 0;
  for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &all)) continue;
    const bool first_half = 2 * seen < count;
    if (first_half || count == 1) CPU_SET(processor, &clients_);
    if (!first_half || count == 1) CPU_SET(processor, &servers_);
    ++seen;
  }
}

void Processors::run_on(const cpu_set_t& half) {
  if (::sched_setaffinity(0, sizeof half, &half) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot choose the processors");
  }
}

}  // namespace leasehold::bench
