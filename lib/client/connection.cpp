#include "client/connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
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
  ++sockets_made_;
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
  cuttable_ = socket_.get() >= 0;
  // Not connected yet; it will be as good as closed when it is.
  if (is_unwanted() || (only_cuttable_ && !cuttable_)) ::shutdown(descriptor, SHUT_RDWR);
}

bool Connection::make_cuttable(int descriptor) noexcept {
  const MutexLock lock(mutex_);
  socket_ = UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  cuttable_ = socket_.get() >= 0;
  if (is_unwanted()) ::shutdown(descriptor, SHUT_RDWR);
  return cuttable_;
}

void Connection::handshake_begins(SSL* ssl) noexcept {
  const int descriptor = SSL_get_fd(ssl);
  session_.begins(ssl);
  health_.connecting = false;
  handshaking_ = true;
  if (std::exchange(gives_up_early_, false)) {
    give_up_after(descriptor, std::chrono::milliseconds::zero());
  }
  const MutexLock lock(mutex_);
  if (is_unwanted() || (only_cuttable_ && !cuttable_)) ::shutdown(descriptor, SHUT_RDWR);
}

void Connection::handshake_done(const SSL* ssl) noexcept {
  session_.shook_hands(ssl);
  if (!std::exchange(handshaking_, false)) return;
  health_.handshakes.fetch_add(1, std::memory_order_relaxed);
}

void Connection::shut_down() noexcept {
  if (socket_.get() >= 0) ::shutdown(socket_.get(), SHUT_RDWR);
  if (sleeper_ != nullptr) sleeper_->nudge();
}

void Connection::cut() noexcept {
  const MutexLock lock(mutex_);
  shut_down();
}

void Connection::cut_off() noexcept {
  const MutexLock lock(mutex_);
  cut_off_ = true;
  shut_down();
}

void Connection::interrupt(Interruption by) noexcept {
  const MutexLock lock(mutex_);
  if (interruption_ == Interruption::none) interruption_ = by;
  shut_down();
}

void Connection::forget_interruption(Interruption by) noexcept {
  const MutexLock lock(mutex_);
  if (interruption_ == by) interruption_ = Interruption::none;
}

Interruption Connection::interruption() noexcept {
  const MutexLock lock(mutex_);
  return cut_off_ ? Interruption::closed : interruption_;
}

void Connection::await(WakeSignal& signal, TimePoint deadline, const Clock& clock) noexcept {
  {
    const MutexLock lock(mutex_);
    if (is_unwanted()) return;
    sleeper_ = &signal;
  }
  clock.wait_until(signal, deadline);
  const MutexLock lock(mutex_);
  sleeper_ = nullptr;
}

void Connection::forget() noexcept {
  health_.connecting = false;
  const MutexLock lock(mutex_);
  socket_.reset();
}

}  // namespace leasehold::detail
