#include "stress/library_cpu.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace leasehold::stress {
namespace {

// As leasehold names them. (Threads that nobody has named have the program's.)
constexpr const char* names[] = {"leasehold-chan", "leasehold-conn", "leasehold-dns"};

// Of a thread that has ended: 0.
std::chrono::nanoseconds read(clockid_t clock) {
  timespec used{};
  if (::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// The kernel's clock of a thread's CPU time, as glibc makes one for pthread_getcpuclockid().
clockid_t clock_of(int thread) {
  constexpr unsigned per_thread = 4, scheduled = 2;
  return static_cast<clockid_t>(~static_cast<unsigned>(thread) << 3U | per_thread | scheduled);
}

}  // namespace

std::optional<std::chrono::nanoseconds> library_cpu() {
  std::chrono::nanoseconds named{0}, alive{0};
  std::error_code error;
  std::filesystem::directory_iterator tasks("/proc/self/task", error);
  for (; !error && tasks != std::filesystem::directory_iterator(); tasks.increment(error)) {
    std::string name;
    std::getline(std::ifstream(tasks->path() / "comm"), name);
    const std::chrono::nanoseconds used =
        read(clock_of(std::stoi(tasks->path().filename().string())));
    alive += used;
    if (std::ranges::find(names, name) != std::end(names)) named += used;
  }
  if (error) return std::nullopt;
  return named + (read(CLOCK_PROCESS_CPUTIME_ID) - alive);
}

}  // namespace leasehold::stress
