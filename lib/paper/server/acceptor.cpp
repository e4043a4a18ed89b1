#include "paper/server/acceptor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace leasehold::paper::detail {

namespace {

constexpr int kBacklog = 4096;
constexpr int kPauseMs = 20;  // while the process is out of file descriptors

// Bind and ask back with either family's address.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  SocketAddress(const std::string& literal, std::uint16_t port) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, literal.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      v4->sin_port = htons(port);
      size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, literal.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons(port);
      size = sizeof *v6;
    }
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  std::uint16_t port() const {
    // Both families have the port in the same place.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }
};

}  // namespace

Listener listen_on(const std::string& address, std::uint16_t port) {
  SocketAddress where(address, port);
  Listener listener;
  listener.socket = UniqueFd(
      ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int socket = listener.socket.get();
  const int on = 1;
  if (socket < 0 || ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket, where.get(), where.size) != 0 || ::listen(socket, kBacklog) != 0 ||
      ::getsockname(socket, where.get(), &where.size) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot listen on " + address + " port " + std::to_string(port));
  }
  listener.port = where.port();
  return listener;
}

Acceptor::Acceptor(UniqueFd listener, Use use)
    : listener_(std::move(listener)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      use_(std::move(use)) {
  if (stop_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

Acceptor::~Acceptor() { stop(); }

void Acceptor::stop() noexcept {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  listener_.reset();
}

void Acceptor::run() noexcept {
  std::array<pollfd, 2> ready = {{{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = listener_.get(), .events = POLLIN, .revents = 0}}};
  bool paused = false;
  for (;;) {
    // Out of descriptors, the listener stays readable: look at it again after a pause only.
    ::poll(ready.data(), paused ? 1 : 2, paused ? kPauseMs : -1);
    if ((ready[0].revents & POLLIN) != 0) return;
    paused = false;
    for (;;) {
      UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.get() >= 0) {
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        use_(std::move(socket));
        continue;
      }
      paused = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      // Anything but EAGAIN concerns one connection that is gone already.
      if (paused || errno == EAGAIN || errno == EWOULDBLOCK) break;
    }
  }
}

}  // namespace leasehold::paper::detail
