#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace leasehold::test {

// A TCP socket on a free port of 127.0.0.1. Until it listens, connections to it are refused, and
// nobody else gets the port.
class LoopbackSocket {
 public:
  LoopbackSocket() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* const generic = reinterpret_cast<sockaddr*>(&address_);
    if (::bind(socket_, generic, size) != 0 || ::getsockname(socket_, generic, &size) != 0) {
      ::close(socket_);
      throw std::runtime_error("no free port on the loopback");
    }
  }
  ~LoopbackSocket() { ::close(socket_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  void listen(int backlog) const {
    if (::listen(socket_, backlog) != 0) throw std::runtime_error("cannot listen");
  }

  int descriptor() const { return socket_; }
  const sockaddr_in& address() const { return address_; }
  std::string place() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  std::string origin() const { return "https://" + place(); }

 private:
  const int socket_;
  sockaddr_in address_{};
};

}  // namespace leasehold::test
