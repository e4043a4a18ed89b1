#include "support/conversation.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <utility>

namespace leasehold::test {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

// Between two looks at what gives no signal: the kernel's tables.
constexpr std::chrono::milliseconds kAWhile{1};

// What stands between `before` and `after`; empty if they do not.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return std::string(text.substr(0, text.find(after)));
}

std::size_t number(const std::string& text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint16_t peer_port(int socket) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size);
  return ntohs(peer.sin_port);
}

// Whether the kernel has an established TCP connection from this local port.
bool is_established_from(std::uint16_t port) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);
  for (std::string slot, local, remote, state; table >> slot >> local >> remote >> state;) {
    std::getline(table, line);
    const std::size_t colon = local.find(':') + 1;
    unsigned value = 0;
    std::from_chars(local.data() + colon, local.data() + local.size(), value, 16);
    if (value == port && state == "01") return true;
  }
  return false;
}

}  // namespace

std::size_t Received::complete() const {
  std::size_t count = 0;
  for (const auto& [id, times] : requests) count += static_cast<std::size_t>(times);
  return count;
}

std::size_t Received::doubles() const {
  std::size_t count = 0;
  for (const auto& [id, times] : requests) count += times > 1 ? 1U : 0U;
  return count;
}

std::string answer_to(const std::string& id, std::string_view extra_headers) {
  const std::string body = R"({"client_order_id":")" + id + "\"}";
  return std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
      .append(extra_headers)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append(kEndOfHead)
      .append(body);
}

Conversation::Conversation(detail::UniqueFd socket, int stop, SSL_CTX* context, Tally& tally,
                           std::function<void()> done)
    : socket_(std::move(socket)),
      stop_(stop),
      tally_(tally),
      done_(std::move(done)),
      ssl_(SSL_new(context)) {
  detail::BioPtr incoming(BIO_new(BIO_s_mem()));
  detail::BioPtr outgoing(BIO_new(BIO_s_mem()));
  if (!ssl_ || !incoming || !outgoing) detail::throw_openssl_error("make a TLS session");
  incoming_ = incoming.release();
  outgoing_ = outgoing.release();
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  SSL_set_accept_state(ssl_.get());
}

Conversation::~Conversation() = default;

// Waits until the socket is ready for `events`; false if `patience` ends first.
bool Conversation::await_socket(short events, std::chrono::milliseconds patience) {
  std::array<pollfd, 2> ready{{{.fd = socket_.get(), .events = events, .revents = 0},
                               {.fd = stop_, .events = POLLIN, .revents = 0}}};
  int count = -1;
  while (count < 0) {  // interrupted
    count = ::poll(ready.data(), ready.size(), static_cast<int>(patience.count()));
  }
  if (ready[1].revents != 0) throw Over();
  return count > 0;
}

// Takes what comes next from the wire.
void Conversation::feed() {
  await_socket(POLLIN);
  std::array<char, 16384> bytes;
  const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size <= 0) throw Over();
  BIO_write(incoming_, bytes.data(), static_cast<int>(size));
}

// Runs an OpenSSL call until it succeeds.
template <class Call>
void Conversation::drive(Call call) {
  for (;;) {
    ERR_clear_error();
    const int result = call();
    const int error = SSL_get_error(ssl_.get(), result);
    send_outgoing();
    if (result == 1) return;
    if (error != SSL_ERROR_WANT_READ) throw Over();
    feed();
  }
}

std::string Conversation::take_outgoing() {
  std::string records(BIO_ctrl_pending(outgoing_), '\0');
  if (!records.empty()) BIO_read(outgoing_, records.data(), static_cast<int>(records.size()));
  return records;
}

void Conversation::send_outgoing() {
  const std::string records = take_outgoing();
  std::string_view bytes = records;
  while (!bytes.empty() && !ended_) {
    await_socket(POLLOUT);
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) throw Over();
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Conversation::handshake() {
  drive([this] { return SSL_accept(ssl_.get()); });
  tally_.note([](Received& received) { ++received.handshakes; });
}

// --- what it reads ---

// Takes the next plaintext.
void Conversation::receive() {
  std::array<char, 16384> bytes;
  std::size_t size = 0;
  drive([&] { return SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &size); });
  plain_.append(bytes.data(), size);
}

void Conversation::begin_request() {
  if (begun_) return;
  std::size_t size = 0;
  while ((size = plain_.find(kEndOfHead)) == std::string::npos) receive();
  size += kEndOfHead.size();
  HostileRequest request{.head = plain_.substr(0, size)};
  plain_.erase(0, size);
  const std::size_t length = number(between(request.head, "\r\nContent-Length: ", "\r\n"));
  begun_.emplace(Begun{.request = std::move(request), .length = length});
}

// Whether the request that has begun is a probe; answers it then.
bool Conversation::take_probe() {
  if (!begun_->request.head.starts_with("HEAD ")) return false;
  begun_.reset();
  tally_.note([](Received& received) { ++received.probes; });
  write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  return true;
}

void Conversation::answer_probe() {
  begin_request();
  take_probe();
}

void Conversation::await_request() {
  do begin_request();
  while (take_probe());
}

HostileRequest Conversation::read_request() {
  await_request();
  HostileRequest& request = begun_->request;
  for (;;) {
    const std::size_t piece = std::min(begun_->length - request.body.size(), plain_.size());
    request.body.append(plain_, 0, piece);
    plain_.erase(0, piece);
    tally_.note([&](Received& received) { received.body_bytes += piece; });
    if (request.body.size() == begun_->length) break;
    receive();
  }
  HostileRequest whole = std::move(request);
  begun_.reset();
  whole.id = between(whole.body, R"("client_order_id":")", "\"");
  tally_.note([&](Received& received) { ++received.requests[whole.id]; });
  return whole;
}

// --- what it sends ---

void Conversation::write(std::string_view plaintext) {
  if (ended_) return;
  std::size_t size = 0;
  ERR_clear_error();
  if (SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &size) != 1) throw Over();
  send_outgoing();
}

void Conversation::drip(std::string_view plaintext, std::chrono::milliseconds interval) {
  // Behind the last one there is nothing to wait for: a client that has the whole answer may have
  // sent more, and closed.
  for (std::size_t i = 0; i < plaintext.size(); ++i) {
    if (i != 0 && await_socket(POLLRDHUP, interval)) throw Over();
    write(plaintext.substr(i, 1));
  }
}

// --- how it ends ---

void Conversation::end(End how) {
  if (how == End::close_notify) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    send_outgoing();
  }
  ended_ = true;
  if (how == End::reset) {
    reset();
  } else {
    ::shutdown(socket_.get(), SHUT_WR);
  }
}

// What was sent before has arrived, and so has the RST when this returns.
void Conversation::reset() {
  await_arrival();
  const std::uint16_t peer = peer_port(socket_.get());
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket_.reset();
  while (is_established_from(peer)) await_socket(0, kAWhile);
}

void Conversation::carry_on() {
  if (socket_.get() < 0) throw Over();
  await_arrival();
  done_();
  for (;;) answer(read_request());
}

void Conversation::ignore() {
  await_arrival();
  throw Ignored();
}

// Waits until the client's kernel has all that was sent, or there is no client any more; what it
// sent before may still be there to read.
void Conversation::await_arrival() {
  int unacknowledged = 0;
  while (::ioctl(socket_.get(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged != 0) {
    if (await_socket(0, kAWhile)) return;
  }
}

}  // namespace leasehold::test
