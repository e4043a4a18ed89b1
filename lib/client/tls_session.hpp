#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "client/round_trip.hpp"
#include "client/socket_bio.hpp"

namespace leasehold::detail {

// What is known of a connection that is no more.
struct ConnectionEnd {
  bool shook_hands = false;
  long verify_result = 0;       // of its certificate, X509_V_…
  const char* alert = nullptr;  // the last that the peer sent, but for close_notify, in words
  int system_error = 0;
  bool cut = false;             // the peer had ended the stream
  unsigned long tls_error = 0;  // OpenSSL's, of the handshake
};

// The TLS connection of cpp-httplib's client, for leasehold's own requests: seen when its handshake
// begins, and forgotten when it is freed, whoever does that.
//
// Thread: the owner of the client.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Where OpenSSL keeps what belongs to an SSL. To be called before the first handshake. Throws
  // std::bad_alloc.
  static void reserve_slot();

  // --- told by OpenSSL ---

  // Its first handshake begins, and no byte of it was sent. Without memory it will fail.
  void begins(SSL* ssl) noexcept;
  void shook_hands(const SSL* ssl) noexcept {
    if (ssl == ssl_) shook_hands_ = true;
  }
  void alerted(const SSL* ssl, int alert) noexcept;
  // A handshake goes no further: it waits, or has failed, and OpenSSL's errors say why. cpp-httplib
  // may take them out of the queue before the connection is freed.
  void paused(const SSL* ssl) noexcept;

  // --- asked by the owner ---

  // There is a connection, and its handshake is done.
  bool connected() const noexcept { return shook_hands_; }
  // How many connections there were, this one included.
  std::uint64_t handshakes_begun() const noexcept { return begun_; }
  // The last connection's, once it is freed.
  const ConnectionEnd& last_end() const noexcept { return last_end_; }

  // The turn of leasehold's own requests. While it lasts, reads and writes do not wait, a write may
  // take a part, and OpenSSL may take more than one record from the socket at once; then all is as
  // cpp-httplib has set it. REQUIRES: connected().
  class Turn {
   public:
    explicit Turn(TlsSession& session) noexcept;
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // What came of a read or a write.
    struct Step {
      std::size_t bytes = 0;  // that went, or came
      short wait_for = 0;     // of poll's events; if none, and no bytes: `end`
      StreamEnd end = {};
    };
    // `data` is not empty; after a step that is to wait, the same data again, or none for ever.
    Step write(std::string_view data) noexcept;
    Step read(std::span<char> to) noexcept;
    // The next read may wait for SocketBio::kBriefly by itself. False if it cannot.
    bool wait_briefly_once() noexcept;

    // OpenSSL holds bytes that no read has given out.
    bool holds_bytes() const noexcept;
    // Nothing has come since the last answer, and the peer has not ended the connection: a request
    // can be written, and what is read then is its answer. Session tickets and key updates are
    // fine. No round trip; one system call.
    bool is_quiet() noexcept;

   private:
    Step failed(int result) noexcept;

    TlsSession& session_;
    SSL* const ssl_;
    SocketBio& bio_;
    const long modes_;
    const int read_ahead_;
  };

  // REQUIRE: connected().
  int descriptor() const noexcept { return bio_->descriptor(); }
  std::uint64_t bytes_written() const noexcept { return bio_->bytes_written(); }
  bool has_read_enough() const noexcept { return bio_->has_read_enough(); }

 private:
  static int slot();
  // Called by OpenSSL.
  static void freed(void* ssl, void* session, CRYPTO_EX_DATA*, int, long, void*) noexcept;

  SSL* ssl_ = nullptr;
  SocketBio* bio_ = nullptr;
  SocketEnd socket_end_;
  std::uint64_t begun_ = 0;
  bool shook_hands_ = false;
  const char* alert_ = nullptr;
  unsigned long tls_error_ = 0;
  bool allowed_brief_waits_ = false;
  ConnectionEnd last_end_;
};

// Of an OpenSSL error, in words; empty if there are none for it.
std::string words_of(unsigned long tls_error);

}  // namespace leasehold::detail
