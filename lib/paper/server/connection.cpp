#include "paper/server/connection.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "leasehold/deadline.hpp"

namespace leasehold::paper::detail {

namespace {

constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kKeptCapacity = 64 * 1024;  // buffers grown beyond are given back
constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(UniqueFd socket, std::uint64_t id, ServerCommons& commons,
                       RequestHandler& handler, Scratch& scratch)
    : socket_(std::move(socket)),
      id_(id),
      limits_(commons.limits),
      time_(commons.time),
      counters_(commons.counters),
      handler_(handler),
      scratch_(scratch),
      ssl_(commons.tls.session(socket_.get())),
      since_(time_.now()) {}

Connection::~Connection() = default;

std::uint32_t Connection::epoll_events() const noexcept {
  // Bytes that are known to be there and not wanted yet would wake the loop again and again.
  const bool reads = phase_ != Phase::holding && phase_ != Phase::writing;
  return (reads || !readable_ ? std::uint32_t{EPOLLIN} : 0U) |
         (wants_write_ ? std::uint32_t{EPOLLOUT} : 0U);
}

Connection::TimePoint Connection::answer_due() const noexcept {
  return phase_ == Phase::holding ? reply_.due : TimePoint::max();
}

Connection::TimePoint Connection::timeout() const noexcept {
  switch (phase_) {
    case Phase::handshake:
    case Phase::writing:
      return Deadline::in(limits_.stall_timeout, since_).at();
    case Phase::reading:
      return Deadline::in(in_.empty() ? limits_.idle_timeout : limits_.stall_timeout, since_).at();
    case Phase::lingering:
      return Deadline::in(kLinger, since_).at();
    case Phase::holding:
    case Phase::finished:
      break;
  }
  return TimePoint::max();
}

void Connection::on_socket(std::uint32_t epoll_events) {
  const bool broken = (epoll_events & (EPOLLERR | EPOLLHUP)) != 0;
  if (broken && (phase_ == Phase::holding || phase_ == Phase::writing)) {
    return enter(Phase::finished);  // nobody is there to answer
  }
  if (broken || (epoll_events & EPOLLIN) != 0) readable_ = true;
  advance();
}

void Connection::on_time(TimePoint now) {
  if (phase_ == Phase::holding && now >= reply_.due) {
    enter(Phase::writing);
    return advance();
  }
  if (now < timeout()) return;
  if (phase_ != Phase::reading) {
    if (phase_ == Phase::handshake) ++counters_.handshakes_failed;
    return enter(Phase::finished);
  }
  if (in_.empty()) return begin_close();
  take(handler_.refuse({.status = 408, .reason = "request did not arrive in time"}, now));
  advance();
}

void Connection::say_close() noexcept {
  if (phase_ == Phase::handshake || phase_ >= Phase::lingering) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

// Goes on until it has to wait. Each step says whether there may be more to do at once.
void Connection::advance() {
  for (bool more = true; more;) {
    switch (phase_) {
      case Phase::handshake:
        more = shake_hands();
        break;
      case Phase::reading:
        more = read_request();
        break;
      case Phase::writing:
        more = write_reply();
        break;
      case Phase::lingering:
        more = drain();
        break;
      case Phase::holding:
      case Phase::finished:
        more = false;
        break;
    }
  }
}

bool Connection::shake_hands() {
  ERR_clear_error();
  const int result = SSL_accept(ssl_.get());
  if (result != 1) {
    wait_for(SSL_get_error(ssl_.get(), result));
    if (finished()) ++counters_.handshakes_failed;
    return false;
  }
  ++counters_.handshakes;
  wants_write_ = false;
  enter(Phase::reading);
  return true;
}

bool Connection::read_request() {
  switch (parser_.parse(in_)) {
    case RequestParser::State::incomplete:
      break;
    case RequestParser::State::refused: {
      take(handler_.refuse(parser_.refusal(), time_.now()));
      return true;
    }
    case RequestParser::State::complete: {
      ++counters_.requests;
      Reply reply = handler_.answer(parser_.request(), id_, time_.now());
      in_.erase(0, parser_.size());
      parser_.reset();
      continue_sent_ = false;
      take(std::move(reply));
      return true;
    }
  }
  if (parser_.awaits_continue() && !continue_sent_) {
    continue_sent_ = true;
    take({.bytes = kContinue});
    return true;
  }
  return readable_ && read_more();
}

bool Connection::read_more() {
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), scratch_.data(), scratch_.size(), &size);
  if (result != 1) {
    wait_for(SSL_get_error(ssl_.get(), result));
    return false;
  }
  wants_write_ = false;
  if (in_.empty()) since_ = time_.now();  // a request begins
  in_.append(scratch_.data(), size);
  // Bytes that OpenSSL read ahead are invisible to epoll; those still in the socket are not.
  readable_ = SSL_has_pending(ssl_.get()) == 1;
  return true;
}

// After a call of OpenSSL that could not do all it should.
void Connection::wait_for(int ssl_error) {
  wants_write_ = ssl_error == SSL_ERROR_WANT_WRITE;
  if (ssl_error == SSL_ERROR_WANT_READ) readable_ = false;
  if (ssl_error == SSL_ERROR_WANT_READ || ssl_error == SSL_ERROR_WANT_WRITE) return;
  if (ssl_error == SSL_ERROR_ZERO_RETURN) say_close();  // the peer closed; answer its goodbye
  enter(Phase::finished);
}

void Connection::take(Reply reply) {
  reply_ = std::move(reply);
  sent_ = 0;
  enter(reply_.due > time_.now() ? Phase::holding : Phase::writing);
}

bool Connection::write_reply() {
  ERR_clear_error();
  std::size_t size = 0;
  const int result =
      SSL_write_ex(ssl_.get(), reply_.bytes.data() + sent_, reply_.bytes.size() - sent_, &size);
  if (result != 1) {
    wait_for(SSL_get_error(ssl_.get(), result));
    return false;
  }
  wants_write_ = false;
  since_ = time_.now();
  sent_ += size;
  if (sent_ == reply_.bytes.size()) reply_sent();
  return true;
}

void Connection::reply_sent() {
  if (reply_.receipt != 0) handler_.replied(reply_.receipt);
  if (reply_.bytes.capacity() > kKeptCapacity) reply_.bytes = {};
  if (in_.empty() && in_.capacity() > kKeptCapacity) in_.shrink_to_fit();
  if (reply_.close) {
    begin_close();
  } else {
    enter(Phase::reading);
  }
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  since_ = time_.now();
}

void Connection::begin_close() {
  say_close();
  ::shutdown(socket_.get(), SHUT_WR);
  wants_write_ = false;
  enter(Phase::lingering);
}

bool Connection::drain() {
  if (!readable_) return false;
  const ssize_t size = ::recv(socket_.get(), scratch_.data(), scratch_.size(), 0);
  readable_ = false;  // epoll will tell of more
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
    enter(Phase::finished);
  }
  return false;
}

}  // namespace leasehold::paper::detail
