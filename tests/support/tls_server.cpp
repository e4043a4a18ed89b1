#include "support/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace leasehold::test {

namespace {

void require(bool done) {
  if (!done) detail::throw_openssl_error("set up the test's TLS server");
}

sockaddr_storage address_of(const std::string& text, socklen_t& size) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    storage.ss_family = AF_INET;
    size = sizeof v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
    size = sizeof v6;
  } else {
    throw std::runtime_error("no address: " + text);
  }
  return storage;
}

}  // namespace

detail::SslContextPtr make_server_context(const Certified& leaf,
                                          const std::vector<const Certified*>& chain, int newest) {
  detail::SslContextPtr made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made.get();
  require(context != nullptr && SSL_CTX_use_certificate(context, leaf.certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context, leaf.key.get()) == 1 &&
          SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
          SSL_CTX_set_max_proto_version(context, newest) == 1);
  for (const Certified* each : chain) {
    require(SSL_CTX_add1_chain_cert(context, each->certificate.get()) == 1);
  }
  return made;
}

TlsServer::TlsServer(const Certified& leaf, const std::vector<const Certified*>& chain,
                     TlsServerOptions options)
    : options_(std::move(options)), context_(make_server_context(leaf, chain, options_.newest)) {
  socklen_t size = 0;
  sockaddr_storage address = address_of(options_.address, size);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  listener_ = detail::UniqueFd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (listener_.get() < 0 || ::bind(listener_.get(), generic, size) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0 || ::listen(listener_.get(), 64) != 0) {
    throw std::runtime_error("cannot listen on " + options_.address);
  }
  // The port stands in the same place for both families.
  port_ = ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  thread_ = std::thread([this] { run(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // accept() returns
  thread_.join();
}

std::string TlsServer::origin() const {
  const bool v6 = options_.address.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + options_.address + "]" : options_.address) + ":" +
         std::to_string(port_);
}

std::vector<std::string> TlsServer::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

std::vector<std::string> TlsServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

void TlsServer::run() noexcept {
  // OpenSSL raises it in the thread that writes to a client that is gone.
  sigset_t pipe{};
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  for (;;) {
    const detail::UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.get() < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
    serve(connection.get());
  }
}

// Without a timeout: the calls of a process that is stopped and continued would be interrupted.
void TlsServer::serve(int connection) {
  const detail::SslPtr ssl(SSL_new(context_.get()));
  ERR_clear_error();
  if (!ssl || SSL_set_fd(ssl.get(), connection) != 1 || SSL_accept(ssl.get()) != 1) return;
  {
    const char* const name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock(mutex_);
    names_.emplace_back(name != nullptr ? name : "");
  }
  std::string head;
  std::array<char, 4096> part;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const int got = SSL_read(ssl.get(), part.data(), static_cast<int>(part.size()));
    if (got <= 0) return;
    head.append(part.data(), static_cast<std::size_t>(got));
  }
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(head.substr(0, head.find("\r\n\r\n") + 4));
  }
  SSL_write(ssl.get(), options_.answer.data(), static_cast<int>(options_.answer.size()));
  SSL_shutdown(ssl.get());
}

}  // namespace leasehold::test
