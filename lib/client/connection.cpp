#include "client/connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace leasehold::detail {
namespace {

// 0: no earlier than others do.
void give_up_after(int descriptor, std::chrono::milliseconds time) noexcept {
  const auto milliseconds = static_cast<unsigned>(time.count());  // an hour at most
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

// Makes the descriptor one of a socket that connects to no address. False if there is none to
// spare.
bool part_from_network(int descriptor) noexcept {
  const UniqueFd nowhere(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return nowhere.get() >= 0 && ::dup3(nowhere.get(), descriptor, O_CLOEXEC) >= 0;
}

}  // namespace

void Connection::socket_made(int descriptor,
                             std::optional<std::chrono::milliseconds> left) noexcept {
  using std::chrono::milliseconds;
  health_.connecting = true;
  const MutexLock lock(mutex_);
  socket_.reset();  // the last address's, which the kernel need not try any longer
  // cpp-httplib will wait for the whole connect timeout again.
  gives_up_early_ = left.has_value();
  if (left) {
    if (*left <= milliseconds::zero() && part_from_network(descriptor)) return;
    // The kernel looks at it when it repeats itself, for the first time after a second.
    give_up_after(descriptor, std::max(*left, milliseconds(1)));
  }
  // Without a descriptor to spare, none: the connection works, and cannot be cut.
  socket_ = UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  // Not connected yet; it will be as good as closed when it is.
  if (cut_off_) ::shutdown(descriptor, SHUT_RDWR);
}

void Connection::handshake_begins(int descriptor) noexcept {
  health_.connecting = false;
  handshaking_ = true;
  if (std::exchange(gives_up_early_, false)) {
    give_up_after(descriptor, std::chrono::milliseconds::zero());
  }
  const MutexLock lock(mutex_);
  if (cut_off_) ::shutdown(descriptor, SHUT_RDWR);
}

void Connection::handshake_done() noexcept {
  if (!std::exchange(handshaking_, false)) return;
  health_.handshakes.fetch_add(1, std::memory_order_relaxed);
}

void Connection::cut() noexcept {
  const MutexLock lock(mutex_);
  if (socket_.get() >= 0) ::shutdown(socket_.get(), SHUT_RDWR);
}

void Connection::cut_off() noexcept {
  const MutexLock lock(mutex_);
  cut_off_ = true;
  if (socket_.get() >= 0) ::shutdown(socket_.get(), SHUT_RDWR);
}

void Connection::forget() noexcept {
  health_.connecting = false;
  const MutexLock lock(mutex_);
  socket_.reset();
}

}  // namespace leasehold::detail
