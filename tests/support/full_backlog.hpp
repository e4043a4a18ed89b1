#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "support/loopback_socket.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::test {

// A port whose backlog is full: connects to it are not answered, and the kernel tries again and
// again.
class FullBacklog {
 public:
  FullBacklog() : filler_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    socket_.listen(0);
    if (::connect(filler_.get(), reinterpret_cast<const sockaddr*>(&socket_.address()),
                  sizeof(sockaddr_in)) != 0) {
      throw std::runtime_error("cannot fill the backlog");
    }
  }
  FullBacklog(const FullBacklog&) = delete;
  FullBacklog& operator=(const FullBacklog&) = delete;

  std::uint16_t port() const { return ntohs(socket_.address().sin_port); }
  std::string origin() const { return socket_.origin(); }

 private:
  LoopbackSocket socket_;
  const detail::UniqueFd filler_;
};

}  // namespace leasehold::test
