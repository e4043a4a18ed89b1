#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "client/trust_store.hpp"
#include "core/origin.hpp"
#include "leasehold/settings.hpp"
#include "system/clock.hpp"
#include "system/unique_fd.hpp"

namespace httplib {
class SSLClient;
}

namespace leasehold::detail {

// What all clients of one source are made from; outlives them.
struct ClientBlueprint {
  // Throws SettingsError.
  explicit ClientBlueprint(ClientSettings from);

  const ClientSettings settings;
  const Origin origin;
  const int oldest_tls;  // OpenSSL's number of the oldest version to accept
  const TrustStore trust;
};

// One httplib::SSLClient, configured alike on every version of cpp-httplib, and a handle on its
// connection that works while another thread is inside a request.
//
// Thread: the owner of the client, for all but cut_off() and handshakes().
// Cost: about 0.2 ms and 30 KB to build; connects on the first request.
class Client {
 public:
  // Throws std::bad_alloc.
  Client(const ClientBlueprint& blueprint, std::uint32_t number, const Clock& clock);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  httplib::SSLClient& http() noexcept { return *http_; }
  std::uint32_t number() const noexcept { return number_; }

  // Cuts the connection without waiting for the peer. The client stays usable by its owner, so that
  // references to it stay good, and is to be built anew before the next one gets it.
  void condemn() noexcept;
  bool condemned() const noexcept { return condemned_; }
  // A new httplib::SSLClient in place of the condemned one. If it throws, the old one stays.
  void rebuild();

  // From any thread: cuts the connection, whatever the owner is doing on it (connecting and TLS
  // handshake included; name resolution cannot be interrupted), and lets it make no other.
  void cut_off() noexcept;

  // The owner is done for now. Lets go of a connection that never came about: the descriptor's
  // duplicate would keep the kernel trying.
  void rest() noexcept {
    if (connecting_) [[unlikely]]
      forget_socket();
  }

  // TLS handshakes completed.
  std::uint64_t handshakes() const noexcept { return handshakes_.load(std::memory_order_relaxed); }

 private:
  struct TlsHooks;  // called by OpenSSL

  std::unique_ptr<httplib::SSLClient> build();
  // `left`: of the attempt's time, if another address has used some of it.
  void socket_made(int descriptor, std::optional<std::chrono::milliseconds> left) noexcept;
  void cut() noexcept;
  void forget_socket() noexcept;

  // Constant after construction.
  const ClientBlueprint& blueprint_;
  const std::uint32_t number_;
  const Clock& clock_;

  // The owner's.
  bool condemned_ = false;
  bool connecting_ = false;      // a socket was made, and no handshake has begun on it
  bool gives_up_early_ = false;  // the socket that was made last, if it does not connect
  bool handshaking_ = false;     // the connection's first handshake, not what TLS 1.3 sends later
  std::unique_ptr<httplib::SSLClient> http_;

  std::atomic<std::uint64_t> handshakes_{0};  // a count; nothing is published with it

  // Guarded by wire_mutex_.
  std::mutex wire_mutex_;
  // A duplicate of the connection's descriptor: cpp-httplib may close its own at any time, and the
  // number could be another socket's by then.
  UniqueFd wire_;
  bool cut_off_ = false;
};

}  // namespace leasehold::detail
