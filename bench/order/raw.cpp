// What the machine asks for at least: one write and one read of OpenSSL's for each order, on a
// blocking socket, and no more looked at than it takes to see that the answer is complete.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/origin.hpp"
#include "order/contestants.hpp"
#include "system/openssl.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::bench {
namespace {

using detail::SslContextPtr;
using detail::SslPtr;
using detail::UniqueFd;

[[noreturn]] void fail(const std::string& what, int system_error) {
  std::string why = "the server closed the connection";
  if (ERR_peek_error() != 0) {
    why = detail::take_openssl_error();
  } else if (system_error == EAGAIN) {
    why = "nothing for " + std::to_string(kPatience.count()) + " s";
  } else if (system_error != 0) {
    why = std::generic_category().message(system_error);
  }
  throw std::runtime_error(what + ": " + why);
}

UniqueFd connect_to(const detail::Origin& origin) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(origin.port));
  if (::inet_pton(AF_INET, origin.host.c_str(), &address.sin_addr) != 1) {
    throw std::invalid_argument(origin.host + ": expected an IPv4 address");
  }
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect", errno);
  }
  return socket;
}

SslContextPtr context_for(const ClientSettings& server) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) fail("TLS context", 0);
  if (SSL_CTX_load_verify_file(context.get(), server.ca_file.c_str()) != 1) {
    fail("authorities to trust", 0);
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // Header and content of a TLS record in one read(2), not two.
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

std::string request_to(const detail::Origin& origin, std::string_view path) {
  std::string text = "POST " + std::string(path) + " HTTP/1.1\r\nHost: " + origin.host + ":" +
                     std::to_string(origin.port) + "\r\n";
  for (const Header& header : kCredentials) {
    text.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  text.append("Content-Type: ").append(kContentType);
  text.append("\r\nContent-Length: " + std::to_string(kOrder.size()) + "\r\n\r\n");
  return text.append(kOrder);
}

// What Content-Length says.
std::size_t length_in(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  const std::size_t at = head.find(name);
  std::size_t value = 0;
  if (at == std::string_view::npos ||
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), value).ec !=
          std::errc()) {
    throw std::runtime_error("expected an answer with a Content-Length");
  }
  return value;
}

class Connection {
 public:
  Connection(SSL_CTX* context, const detail::Origin& origin, std::string_view path)
      : request_(request_to(origin, path)), socket_(connect_to(origin)), ssl_(SSL_new(context)) {
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.get()) != 1 ||
        // The certificate must name the host.
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), origin.host.c_str()) != 1) {
      fail("TLS session", 0);
    }
    errno = 0;
    if (SSL_connect(ssl_.get()) != 1) fail("handshake", errno);
    post();
  }

  void post() {
    errno = 0;
    const int size = static_cast<int>(request_.size());
    if (SSL_write(ssl_.get(), request_.data(), size) != size) fail("write", errno);

    std::size_t filled = 0;
    std::size_t whole = 0;  // of the answer, once its head is there
    std::size_t body = 0;   // where it begins
    do {
      const int got =
          SSL_read(ssl_.get(), answer_.data() + filled, static_cast<int>(answer_.size() - filled));
      if (got <= 0) fail("read", errno);
      filled += static_cast<std::size_t>(got);
      const std::string_view text(answer_.data(), filled);
      if (body == 0) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end != std::string_view::npos) {
          body = end + 4;
          whole = body + length_in(text.substr(0, body));
        }
      }
      if (whole > answer_.size() || (body == 0 && filled == answer_.size())) {
        throw std::runtime_error("expected an answer of at most " + std::to_string(answer_.size()) +
                                 " bytes");
      }
    } while (body == 0 || filled < whole);
    if (filled != whole) throw std::runtime_error("more came than the answer");

    int status = 0;
    constexpr std::size_t at = std::string_view("HTTP/1.1 ").size();
    std::from_chars(answer_.data() + at, answer_.data() + at + 3, status);
    expect_answer(status, {answer_.data() + body, whole - body});
  }

 private:
  const std::string request_;
  std::vector<char> answer_ = std::vector<char>(16'384);
  UniqueFd socket_;
  SslPtr ssl_;
};

class Raw final : public Contestant {
 public:
  explicit Raw(const Task& task) : context_(context_for(task.server)) {
    const detail::Origin origin = detail::parse_origin(task.server.origin);
    for (unsigned thread = 0; thread < task.threads; ++thread) {
      connections_.push_back(std::make_unique<Connection>(context_.get(), origin, task.path));
    }
  }

  std::optional<Clock::duration> post(unsigned thread) override {
    connections_[thread]->post();
    return std::nullopt;
  }

 private:
  const SslContextPtr context_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace

std::unique_ptr<Contestant> make_raw(const Task& task) { return std::make_unique<Raw>(task); }

}  // namespace leasehold::bench
