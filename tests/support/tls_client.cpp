#include "support/tls_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "system/openssl.hpp"

namespace leasehold::test {

namespace {

constexpr std::string_view kHost = "127.0.0.1";

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("TlsClient: " + what); }
[[noreturn]] void fail_errno(const std::string& what) { fail(what + ": " + std::strerror(errno)); }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// A process that is stopped and continued sees its calls with a timeout interrupted.
template <class Call>
ssize_t again_if_interrupted(Call call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

class Socket {
 public:
  Socket(std::uint16_t port, std::chrono::milliseconds patience)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) {
    if (fd_ < 0) fail_errno("socket");
    const int on = 1;
    const timeval wait{.tv_sec = patience.count() / 1000,
                       .tv_usec = (patience.count() % 1000) * 1000};
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // An interrupted connect goes on in the kernel; the next call waits for it to be over.
    const auto connect = [&] {
      return ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    };
    if (again_if_interrupted(connect) != 0 && errno != EISCONN) {
      const int reason = errno;
      close();
      errno = reason;
      fail_errno("connect");
    }
  }
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = again_if_interrupted(
          [&] { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      if (sent < 0) fail_errno("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // 0: the peer has closed; -1: it has reset the connection.
  ssize_t receive(std::array<char, 16384>& buffer) {
    const ssize_t size =
        again_if_interrupted([&] { return ::recv(fd_, buffer.data(), buffer.size(), 0); });
    if (size < 0 && errno != ECONNRESET) fail_errno("recv");
    return size;
  }
  void close_with_reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

}  // namespace

// TLS between two memory BIOs: the test's socket calls stay visible, and SIGPIPE stays away.
struct TlsClient::Impl {
  Impl(std::uint16_t port, const std::string& ca_pem, std::chrono::milliseconds patience)
      : socket(port, patience), context(SSL_CTX_new(TLS_client_method())) {
    trust(ca_pem);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    session.reset(SSL_new(context.get()));
    incoming = BIO_new(BIO_s_mem());
    outgoing = BIO_new(BIO_s_mem());
    SSL_set_bio(session.get(), incoming, outgoing);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), kHost.data());
    for (;;) {
      ERR_clear_error();
      const int result = SSL_connect(session.get());
      const int error = SSL_get_error(session.get(), result);
      flush();
      if (result == 1) return;
      if (error != SSL_ERROR_WANT_READ) fail("handshake: " + detail::take_openssl_error());
      if (const auto ending = fill()) fail("handshake: the peer closed");
    }
  }

  void trust(const std::string& ca_pem) {
    const detail::BioPtr bio(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())));
    const detail::CertificatePtr ca(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (ca == nullptr ||
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.get()) != 1) {
      fail("certificate authority: " + detail::take_openssl_error());
    }
  }

  std::string take_outgoing() {
    std::string records(BIO_ctrl_pending(outgoing), '\0');
    if (!records.empty()) BIO_read(outgoing, records.data(), static_cast<int>(records.size()));
    return records;
  }
  void flush() { socket.send(take_outgoing()); }

  // Takes more from the wire; an ending if there is no more.
  std::optional<Ending> fill() {
    std::array<char, 16384> buffer;
    const ssize_t size = socket.receive(buffer);
    if (size == 0) return Ending::fin;
    if (size < 0) return Ending::reset;
    BIO_write(incoming, buffer.data(), static_cast<int>(size));
    return std::nullopt;
  }

  // Appends plaintext to `plain`; an ending if there is no more.
  std::optional<Ending> read_more() {
    std::array<char, 16384> buffer;
    for (;;) {
      ERR_clear_error();
      std::size_t size = 0;
      const int result = SSL_read_ex(session.get(), buffer.data(), buffer.size(), &size);
      if (result == 1) {
        plain.append(buffer.data(), size);
        return std::nullopt;
      }
      const int error = SSL_get_error(session.get(), result);
      if (error == SSL_ERROR_ZERO_RETURN) return Ending::close_notify;
      if (error != SSL_ERROR_WANT_READ) fail("read: " + detail::take_openssl_error());
      if (const auto ending = fill()) return ending;
    }
  }

  void need(std::size_t size) {
    while (plain.size() < size) {
      if (read_more()) fail("the peer closed instead of answering");
    }
  }

  Socket socket;
  detail::SslContextPtr context;
  detail::SslPtr session;
  BIO* incoming = nullptr;  // owned by session
  BIO* outgoing = nullptr;
  std::string plain;  // received and not yet consumed
};

std::string HttpAnswer::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || !same_ignoring_case(line.substr(0, colon), name))
      continue;
    return std::string(line.substr(colon + 2));
  }
  return {};
}

TlsClient::TlsClient(std::uint16_t port, const std::string& ca_pem,
                     std::chrono::milliseconds patience)
    : impl_(std::make_unique<Impl>(port, ca_pem, patience)) {}
TlsClient::~TlsClient() = default;
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;

void TlsClient::send(std::string_view plaintext) { send_sealed(seal(plaintext)); }

std::string TlsClient::seal(std::string_view plaintext) {
  ERR_clear_error();
  std::size_t size = 0;
  if (!plaintext.empty() &&
      SSL_write_ex(impl_->session.get(), plaintext.data(), plaintext.size(), &size) != 1) {
    fail("write: " + detail::take_openssl_error());
  }
  return impl_->take_outgoing();
}

void TlsClient::send_sealed(std::string_view records) { impl_->socket.send(records); }

HttpAnswer TlsClient::receive(bool head_only) {
  std::string& plain = impl_->plain;
  std::size_t head_size = 0;
  while ((head_size = plain.find("\r\n\r\n")) == std::string::npos) impl_->need(plain.size() + 1);
  head_size += 4;
  HttpAnswer answer;
  answer.head = plain.substr(0, head_size);
  plain.erase(0, head_size);
  if (!answer.head.starts_with("HTTP/1.1 ")) fail("not a response: " + answer.head);
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  if (head_only || answer.status < 200 || answer.status == 204) return answer;
  const std::string length = answer.header("Content-Length");
  std::size_t size = 0;
  if (length.empty() ||
      std::from_chars(length.data(), length.data() + length.size(), size).ec != std::errc()) {
    fail("no Content-Length in " + answer.head);
  }
  impl_->need(size);
  answer.body = plain.substr(0, size);
  plain.erase(0, size);
  return answer;
}

TlsClient::Ending TlsClient::wait_for_end() {
  if (impl_->plain.empty()) {
    if (const auto ending = impl_->read_more()) return *ending;
  }
  fail("data instead of an end: " + impl_->plain);
}

void TlsClient::close() {
  ERR_clear_error();
  SSL_shutdown(impl_->session.get());
  impl_->flush();
  impl_->socket.close();
}

void TlsClient::abort() { impl_->socket.close(); }
void TlsClient::reset() { impl_->socket.close_with_reset(); }

}  // namespace leasehold::test
