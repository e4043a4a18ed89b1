#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.hpp"
#include "system/openssl.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::test {

// What a TLS server needs to show `leaf`, and the certificates in `chain` after it. OpenSSL's own
// defaults do not concern it. Throws std::runtime_error.
detail::SslContextPtr make_server_context(const Certified& leaf,
                                          const std::vector<const Certified*>& chain = {},
                                          int newest = TLS1_3_VERSION);

struct TlsServerOptions {
  std::string address = "127.0.0.1";  // or ::1
  int newest = TLS1_3_VERSION;        // version that it speaks
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
};

// A TLS server on loopback that answers every request alike, ends the connection, and remembers
// what it was told.
// Thread: any, for what it remembers. To be destroyed when its clients are gone.
class TlsServer {
 public:
  // Shows `leaf`, and the certificates in `chain` after it. Throws std::runtime_error.
  explicit TlsServer(const Certified& leaf, const std::vector<const Certified*>& chain = {},
                     TlsServerOptions options = {});
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  // "https://127.0.0.1:8443"
  std::string origin() const;

  // For each handshake that was completed: the server name that the client sent, "" for none.
  std::vector<std::string> names() const;
  // The heads of all requests.
  std::vector<std::string> heads() const;

 private:
  void run() noexcept;
  void serve(int connection);

  const TlsServerOptions options_;
  detail::SslContextPtr context_;
  detail::UniqueFd listener_;
  std::uint16_t port_ = 0;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
  std::vector<std::string> heads_;

  std::thread thread_;  // ends when the listener is shut down
};

}  // namespace leasehold::test
