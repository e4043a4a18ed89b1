#include "client/socket_bio.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <new>
#include <utility>

namespace leasehold::detail {
namespace {

bool is_try_again(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

struct SocketBioMethods {
  static SocketBio& of(BIO* bio) { return *static_cast<SocketBio*>(BIO_get_data(bio)); }

  // What a call of the kernel that failed is to OpenSSL: to be done again, or the end.
  static int failed(BIO* bio, int how_to_retry) noexcept {
    if (is_try_again(errno)) {
      BIO_set_flags(bio, how_to_retry | BIO_FLAGS_SHOULD_RETRY);
    } else {
      of(bio).end_.error = errno;
    }
    return -1;
  }

  static int write(BIO* bio, const char* data, int size) noexcept {
    SocketBio& self = of(bio);
    BIO_clear_retry_flags(bio);
    const int flags = MSG_NOSIGNAL | (self.waits_ ? 0 : MSG_DONTWAIT);
    ssize_t written = 0;
    do {
      written = ::send(self.descriptor_, data, static_cast<std::size_t>(size), flags);
    } while (written < 0 && errno == EINTR);
    if (written < 0) return failed(bio, BIO_FLAGS_WRITE);
    self.bytes_written_ += static_cast<std::uint64_t>(written);
    return static_cast<int>(written);
  }

  static int read(BIO* bio, char* data, int size) noexcept {
    SocketBio& self = of(bio);
    BIO_clear_retry_flags(bio);
    if (!self.waits_ && self.reads_left_-- <= 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const bool briefly = std::exchange(self.waits_briefly_, false);
    ssize_t got = 0;
    do {
      got = ::recv(self.descriptor_, data, static_cast<std::size_t>(size),
                   self.waits_ || briefly ? 0 : MSG_DONTWAIT);
      // A wait that a signal broke off is not begun again: signals could make it last for ever.
    } while (got < 0 && ((errno == EINTR && !briefly) || self.waits_on()));
    if (got < 0 && errno == EINTR) errno = EAGAIN;
    if (got < 0) return failed(bio, BIO_FLAGS_READ);
    if (got == 0) self.end_.ended = true;
    return static_cast<int>(got);
  }

  static long control(BIO* bio, int command, long number, void* pointer) noexcept {
    switch (command) {
      case BIO_CTRL_FLUSH:
      case BIO_CTRL_DUP:
        return 1;
      case BIO_CTRL_EOF:
        return of(bio).end_.ended ? 1 : 0;
      case BIO_C_GET_FD:
      case BIO_C_SET_NBIO:
        return BIO_next(bio) != nullptr ? BIO_ctrl(BIO_next(bio), command, number, pointer) : 0;
      default:  // above all, the kernel is not to encrypt: what it has taken is counted in records
        return 0;
    }
  }

  static int destroy(BIO* bio) noexcept {
    delete static_cast<SocketBio*>(BIO_get_data(bio));
    return 1;
  }

  // One for the process, for ever: a client may end after the program's static objects. Null if
  // memory was missing.
  static const BIO_METHOD* table() noexcept {
    static const BIO_METHOD* const made = []() -> BIO_METHOD* {
      const int index = BIO_get_new_index();
      if (index < 0) return nullptr;
      BIO_METHOD* const method = BIO_meth_new(index | BIO_TYPE_FILTER, "leasehold socket");
      if (method == nullptr) return nullptr;
      BIO_meth_set_write(method, write);
      BIO_meth_set_read(method, read);
      BIO_meth_set_ctrl(method, control);
      BIO_meth_set_destroy(method, destroy);
      return method;
    }();
    return made;
  }
};

bool SocketBio::is_silent() const noexcept {
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && is_try_again(errno);
}

void SocketBio::allow_brief_waits() noexcept {
  timeval patience{};
  socklen_t size = sizeof patience;
  const timeval brief{.tv_sec = 0, .tv_usec = std::chrono::microseconds(kBriefly).count()};
  const int flags = ::fcntl(descriptor_, F_GETFL);
  may_wait_briefly_ = flags >= 0 && (flags & O_NONBLOCK) == 0 &&
                      ::getsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, &size) == 0 &&
                      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief) == 0;
  patience_ =
      std::chrono::seconds(patience.tv_sec) +
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::microseconds(patience.tv_usec));
}

// After a read that waits as the socket did before brief waits were allowed: true if it is to be
// tried again.
bool SocketBio::waits_on() const noexcept {
  if (!waits_ || !may_wait_briefly_ || !is_try_again(errno)) return false;
  // cpp-httplib looks at a connection with a socket that does not wait.
  if ((::fcntl(descriptor_, F_GETFL) & O_NONBLOCK) != 0) {
    errno = EAGAIN;
    return false;
  }
  pollfd socket{.fd = descriptor_, .events = POLLIN, .revents = 0};
  const bool ends = patience_ != patience_.zero();
  if (::poll(&socket, 1, ends ? static_cast<int>(patience_.count()) : -1) == 1) return true;
  errno = EAGAIN;
  return false;
}

SocketBio* SocketBio::install(SSL* ssl, int descriptor, SocketEnd& end) noexcept {
  const BIO_METHOD* const methods = SocketBioMethods::table();
  BIO* const bio = methods != nullptr ? BIO_new(methods) : nullptr;
  if (bio == nullptr) return nullptr;
  auto* const self = new (std::nothrow) SocketBio(descriptor, end);
  if (self == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, self);
  BIO_set_init(bio, 1);
  if (BIO* const below = SSL_get_rbio(ssl); below != nullptr) {
    BIO_up_ref(below);
    BIO_push(bio, below);
  }
  // One reference for each direction.
  BIO_up_ref(bio);
  SSL_set0_rbio(ssl, bio);
  SSL_set0_wbio(ssl, bio);
  return self;
}

}  // namespace leasehold::detail
