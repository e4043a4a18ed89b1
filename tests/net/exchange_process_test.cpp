// The paper exchange as a guest in somebody's process: descriptors, threads, signals.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "leasehold/paper/exchange.hpp"
#include "support/exchange_requests.hpp"
#include "support/patient.hpp"
#include "support/tls_client.hpp"

using namespace leasehold::paper;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

std::set<std::string> listed(const char* folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.insert(entry.path().filename());
  }
  return names;
}

std::set<std::string> threads() { return listed("/proc/self/task"); }

std::uint64_t blocked_signals(const std::string& thread) {
  std::ifstream status("/proc/self/task/" + thread + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:")) return std::stoull(line.substr(7), nullptr, 16);
  }
  return 0;
}

// A TCP socket without TLS.
class RawSocket {
 public:
  RawSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) {
    REQUIRE(fd_ >= 0);
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  void connect(std::uint16_t port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  }
  // Waits for the peer to close.
  bool ended() {
    char byte = 0;
    return ::recv(fd_, &byte, 1, 0) <= 0;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// A lower limit on file descriptors while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t soft) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit lower{.rlim_cur = soft, .rlim_max = before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("an exchange that is gone leaves no thread and no descriptor") {
  // Once for what OpenSSL keeps.
  const auto use_one = [] {
    const Exchange exchange(patient_exchange({.latency = 1h}));
    std::vector<TlsClient> clients;
    for (int at = 0; at < 5; ++at) {
      clients.emplace_back(exchange.port(), exchange.ca_pem());
      clients.back().send(post_order(std::to_string(at)));
    }
    await([&] { return exchange.status().orders_committed == 5; });
    RawSocket never_speaks;
    never_speaks.connect(exchange.port());
  };
  use_one();
  const auto threads_before = threads();
  const auto descriptors_before = listed("/proc/self/fd");
  for (int round = 0; round < 10; ++round) use_one();
  CHECK(listed("/proc/self/fd") == descriptors_before);
  // A thread that was joined may be listed for a moment longer.
  await([&] { return threads().size() == threads_before.size(); });
}

TEST_CASE("its threads leave signals to the program's own") {
  const auto before = threads();
  const Exchange exchange(patient_exchange({.io_threads = 3}));
  int own = 0;
  for (const std::string& thread : threads()) {
    if (before.contains(thread)) continue;
    ++own;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGALRM}) {
      CAPTURE(signal);
      CHECK((blocked_signals(thread) >> (signal - 1) & 1U) == 1U);
    }
  }
  CHECK(own == 4);
  struct sigaction action {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &action) == 0);
  CHECK((action.sa_handler == SIG_DFL));
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  CHECK(sigismember(&mine, SIGTERM) == 0);
}

TEST_CASE("out of descriptors, it accepts as soon as there are some again") {
  constexpr std::size_t kClients = 5;
  const Exchange exchange(patient_exchange());
  std::vector<RawSocket> sockets(kClients);
  {
    const DescriptorLimit none_left(static_cast<rlim_t>(sockets.back().fd()) + 1);
    for (RawSocket& socket : sockets) socket.connect(exchange.port());  // the kernel accepts them
    CHECK(::dup(0) == -1);
  }
  await([&] { return exchange.status().connections_open == kClients; });
  TlsClient client(exchange.port(), exchange.ca_pem());
  CHECK(client.exchange(get_request("/v2/clock")).status == 200);
}

TEST_CASE("a peer that never shakes hands is cut off, and counted") {
  const Exchange exchange({.stall_timeout = 50ms});
  RawSocket silent;
  silent.connect(exchange.port());
  CHECK(silent.ended());
  CHECK(exchange.status().handshakes_failed == 1);
  RawSocket plain;
  plain.connect(exchange.port());
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(::send(plain.fd(), request.data(), request.size(), MSG_NOSIGNAL) > 0);
  await([&] { return exchange.status().handshakes_failed == 2; });
  await([&] { return exchange.status().connections_open == 0; });
}
