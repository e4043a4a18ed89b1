#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "system/openssl.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::test {

// What a server received.
struct Received {
  std::map<std::string, int> requests = {};  // complete ones, by id
  std::size_t body_bytes = 0;                // of incomplete requests too
  std::size_t probes = 0;
  std::size_t handshakes = 0;   // completed
  std::size_t connections = 0;  // accepted

  std::size_t complete() const;
  // Ids received more than once.
  std::size_t doubles() const;
};

// Thread: any.
class Tally {
 public:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change(received_);
  }
  Received received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  mutable std::mutex mutex_;
  Received received_;  // guarded by mutex_
};

// A request that came whole. Its id is the client_order_id of its JSON body.
struct HostileRequest {
  std::string head = {};
  std::string body = {};
  std::string id = {};
};

// 200, with the request's id as the JSON body's client_order_id.
std::string answer_to(const std::string& id, std::string_view extra_headers = {});

// One connection, as the server's script sees it: every byte is in the script's hands. HEAD is the
// probe of who has just connected: it is answered wherever requests are read, and no script sees
// it.
//
// Each member that waits throws Over when the client has ended the connection, when TLS has broken,
// or when the server is being destroyed; that ends the script. So scripts need no checks.
// What the script does after ending its side is still done: half-open connections go on reading.
// Thread: the connection's own.
class Conversation {
 public:
  struct Over {};
  struct Ignored {};  // see ignore()
  // How the server ends its side: close_notify is followed by FIN, as servers do it.
  enum class End : std::uint8_t { close_notify, fin, reset };

  // `stop` becomes readable when the server is destroyed; carry_on() calls `done`.
  Conversation(detail::UniqueFd socket, int stop, SSL_CTX* context, Tally& tally,
               std::function<void()> done);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void handshake();
  // Answers the first request if it is the probe; if it is not, leaves it to read_request().
  void answer_probe();
  // Until the head of a request is there; the rest is left to read_request().
  void await_request();
  HostileRequest read_request();

  // In one TLS record each, up to 16 KiB.
  void write(std::string_view plaintext);
  // One byte in each.
  void drip(std::string_view plaintext, std::chrono::milliseconds interval);
  void answer(const HostileRequest& request) { write(answer_to(request.id)); }

  void end(End how);
  // Says that the script has sent all it has to send, and that this has arrived (see
  // HostileServer::await_done()); then goes on as a proper server would, as far as its side is
  // still open.
  [[noreturn]] void carry_on();
  // Ends the script; the connection stays open, and nothing is read from it, until the server is
  // destroyed.
  [[noreturn]] void ignore();

 private:
  struct Begun {
    HostileRequest request;
    std::size_t length;  // of its body
  };

  bool await_socket(short events, std::chrono::milliseconds patience = kEver);
  void feed();
  template <class Call>
  void drive(Call call);
  std::string take_outgoing();
  void send_outgoing();
  void receive();
  void begin_request();
  bool take_probe();
  void reset();
  void await_arrival();

  static constexpr std::chrono::milliseconds kEver{-1};

  detail::UniqueFd socket_;
  const int stop_;
  Tally& tally_;
  const std::function<void()> done_;
  // TLS between two memory BIOs: no write raises SIGPIPE.
  detail::SslPtr ssl_;
  BIO* incoming_ = nullptr;  // owned by ssl_
  BIO* outgoing_ = nullptr;
  bool ended_ = false;          // this side
  std::string plain_;           // received and not yet consumed
  std::optional<Begun> begun_;  // a request whose head was read
};

}  // namespace leasehold::test
