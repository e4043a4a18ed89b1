#include "client/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <new>
#include <utility>

namespace leasehold::detail {
namespace {

// How often is_quiet() lets a peer keep it busy with tickets.
constexpr int kQuietLooks = 8;

// An entry left by others would be taken for the next call's. Emptying the queue takes as long as a
// clock does, and it is empty nearly always.
void forget_errors() noexcept {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

int TlsSession::slot() {
  static const int index = [] {
    const int got = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, freed);
    if (got < 0) throw std::bad_alloc();
    return got;
  }();
  return index;
}

void TlsSession::reserve_slot() { slot(); }

void TlsSession::begins(SSL* ssl) noexcept {
  ERR_clear_error();  // for paused()
  socket_end_ = {};
  ++begun_;
  SocketBio* const bio = SocketBio::install(ssl, SSL_get_fd(ssl), socket_end_);
  if (bio == nullptr || SSL_set_ex_data(ssl, slot(), this) != 1) {
    SSL_set0_wbio(ssl, nullptr);  // with nothing to write on it fails
    return;
  }
  ssl_ = ssl;
  bio_ = bio;
  shook_hands_ = false;
  alert_ = nullptr;
  tls_error_ = 0;
  allowed_brief_waits_ = false;
}

void TlsSession::paused(const SSL* ssl) noexcept {
  if (ssl == ssl_ && !shook_hands_ && tls_error_ == 0) tls_error_ = ERR_peek_error();
}

void TlsSession::alerted(const SSL* ssl, int alert) noexcept {
  if (ssl == ssl_ && (alert & 0xff) != SSL_AD_CLOSE_NOTIFY)
    alert_ = SSL_alert_desc_string_long(alert);
}

void TlsSession::freed(void* ssl, void* session, CRYPTO_EX_DATA* /*all*/, int /*index*/,
                       long /*number*/, void* /*pointer*/) noexcept {
  auto* const self = static_cast<TlsSession*>(session);
  if (self == nullptr || self->ssl_ != ssl) return;
  self->last_end_ = {.shook_hands = self->shook_hands_,
                     .verify_result = SSL_get_verify_result(self->ssl_),
                     .alert = self->alert_,
                     .system_error = self->socket_end_.error,
                     .cut = self->socket_end_.ended,
                     .tls_error = self->tls_error_};
  self->ssl_ = nullptr;
  self->bio_ = nullptr;
  self->shook_hands_ = false;
}

TlsSession::Turn::Turn(TlsSession& session) noexcept
    : session_(session),
      ssl_(session.ssl_),
      bio_(*session.bio_),
      modes_(SSL_get_mode(ssl_)),
      read_ahead_(SSL_get_read_ahead(ssl_)) {
  bio_.wait(false);
  // A ticket alone ends no read: there may be more behind it, where poll() does not see it.
  SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_AUTO_RETRY);
  SSL_set_read_ahead(ssl_, 1);
}

TlsSession::Turn::~Turn() {
  bio_.wait(true);
  SSL_clear_mode(ssl_, ~modes_);
  SSL_set_mode(ssl_, modes_);
  SSL_set_read_ahead(ssl_, read_ahead_);
}

TlsSession::Turn::Step TlsSession::Turn::failed(int result) noexcept {
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ) return {.wait_for = POLLIN};
  if (error == SSL_ERROR_WANT_WRITE) return {.wait_for = POLLOUT};
  const unsigned long tls_error = ERR_peek_error();
  ERR_clear_error();
  if (error == SSL_ERROR_ZERO_RETURN) return {.end = {.kind = StreamEnd::Kind::closed}};
  if (session_.socket_end_.error != 0) {
    return {.end = {.kind = StreamEnd::Kind::broken, .system_error = session_.socket_end_.error}};
  }
  if (session_.socket_end_.ended &&
      (error == SSL_ERROR_SYSCALL ||
       ERR_GET_REASON(tls_error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
    return {.end = {.kind = StreamEnd::Kind::cut}};
  }
  return {.end = {.kind = StreamEnd::Kind::failed, .tls_error = tls_error}};
}

TlsSession::Turn::Step TlsSession::Turn::write(std::string_view data) noexcept {
  forget_errors();
  bio_.allow_reads();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_, data.data(), data.size(), &written);
  return result == 1 ? Step{.bytes = written} : failed(result);
}

bool TlsSession::Turn::wait_briefly_once() noexcept {
  if (!session_.allowed_brief_waits_) {
    session_.allowed_brief_waits_ = true;
    bio_.allow_brief_waits();
  }
  return bio_.wait_briefly_once();
}

TlsSession::Turn::Step TlsSession::Turn::read(std::span<char> to) noexcept {
  forget_errors();
  session_.socket_end_.error = 0;  // of a write, whose peer may have said something before
  bio_.allow_reads();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_, to.data(), to.size(), &got);
  return result == 1 ? Step{.bytes = got} : failed(result);
}

bool TlsSession::Turn::holds_bytes() const noexcept { return SSL_has_pending(ssl_) != 0; }

bool TlsSession::Turn::is_quiet() noexcept {
  if (SSL_get_shutdown(ssl_) != 0) return false;
  for (int looks = 0; looks < kQuietLooks; ++looks) {
    if (bio_.is_silent() && !holds_bytes()) return true;
    forget_errors();
    bio_.allow_reads();
    char byte = 0;
    std::size_t got = 0;
    const int result = SSL_peek_ex(ssl_, &byte, 1, &got);
    const bool nothing = result != 1 && SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    if (!nothing) return false;
    // With bytes left that are not a whole record: perhaps the start of an answer.
  }
  return false;
}

std::string words_of(unsigned long tls_error) {
  const char* const words = ERR_reason_error_string(tls_error);
  return words != nullptr ? words : "";
}

}  // namespace leasehold::detail
