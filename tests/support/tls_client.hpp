#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace leasehold::test {

// One HTTP response as it came.
struct HttpAnswer {
  int status = 0;
  std::string head;  // status line and headers, as received
  std::string body;

  // The value of a header, its name compared without case; empty if there is none.
  std::string header(std::string_view name) const;
};

// A TLS client for 127.0.0.1 with every byte in the test's hands: what is sent, in which pieces,
// and how the connection ends. It verifies the server against one authority and the name 127.0.0.1,
// never raises SIGPIPE, and blocks; what takes longer than `patience` throws, so that a test fails
// instead of hanging. All failures are std::runtime_error. Thread: one at a time.
class TlsClient {
 public:
  // Connects and shakes hands.
  TlsClient(std::uint16_t port, const std::string& ca_pem,
            std::chrono::milliseconds patience = std::chrono::minutes(2));
  ~TlsClient();
  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;

  void send(std::string_view plaintext);
  // Plaintext as the records that would be sent, and such bytes sent as they are.
  std::string seal(std::string_view plaintext);
  void send_sealed(std::string_view records);

  // The next response; one to HEAD has no body.
  HttpAnswer receive(bool head_only = false);
  HttpAnswer exchange(std::string_view request) { return send(request), receive(); }

  // How the peer ended the connection; waits for it. Data that comes instead throws.
  enum class Ending : std::uint8_t { close_notify, fin, reset };
  Ending wait_for_end();

  // Ends it from this side: with close_notify and FIN, with FIN alone, with RST.
  void close();
  void abort();
  void reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leasehold::test
