#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "support/loopback_socket.hpp"

namespace leasehold::test {

// A port whose backlog is full: connects to it are not answered, and the kernel tries again and
// again.
class FullBacklog {
 public:
  FullBacklog() : filler_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    socket_.listen(0);
    if (::connect(filler_, reinterpret_cast<const sockaddr*>(&socket_.address()),
                  sizeof(sockaddr_in)) != 0) {
      ::close(filler_);
      throw std::runtime_error("cannot fill the backlog");
    }
  }
  ~FullBacklog() { ::close(filler_); }
  FullBacklog(const FullBacklog&) = delete;
  FullBacklog& operator=(const FullBacklog&) = delete;

  std::string origin() const { return socket_.origin(); }

 private:
  LoopbackSocket socket_;
  const int filler_;
};

}  // namespace leasehold::test
