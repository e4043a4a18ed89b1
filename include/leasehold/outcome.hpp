#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "leasehold/export.hpp"
#include "leasehold/refusal.hpp"

namespace leasehold {

// What became of a request. Nothing is ever called safer than it is.
enum class Fate : std::uint8_t {
  answered,  // a complete response is there
  not_sent,  // the server cannot have read any of it: it is safe to send it again
  in_doubt   // the server may have acted on it: ask, do not repeat
};

// How far a request came that was not answered.
enum class Phase : std::uint8_t {
  none,       // it was answered
  prepare,    // nothing was begun: the request, the lease, or its connection was unusable
  wait,       // for a client, or for a place or a turn in a channel
  connect,    // name resolution and TCP
  handshake,  // TLS, and the probe that proves a new connection
  write,
  read
};

// Why a request was not answered. A closed list: a switch over it needs no default. docs/faults.md
// has a row for each: in which phases it occurs, and what to do.
enum class Cause : std::uint8_t {
  none,                 // it was answered
  invalid_request,      // the request cannot be written as it is (detail says which part)
  empty_lease,          // send() on a lease without a client
  condemned,            // the lease was condemned before
  forked,               // the process was forked after the channel was made
  no_client,            // none was lent (refusal says why)
  channel_full,         // the channel holds as many requests as it may
  rate_limited,         // the account's requests of this window are spent
  deadline,             // the deadline passed
  stopped,              // the caller's std::stop_token was triggered
  closed,               // the source or channel was closed; under way: at close()'s deadline
  name_not_resolved,    // the host's name has no address, or the resolver failed (detail)
  connect_failed,       // no TCP connection: refused, unreachable, … (detail: the address)
  certificate_refused,  // the server's certificate is not to be trusted (detail)
  tls_failed,           // TLS broke off: protocol error, alert, … (tls_error, detail)
  stale,              // the connection had ended, or held what nobody asked for, before it was used
  peer_closed,        // the server ended the connection
  connection_broken,  // the connection broke: reset, timed out, … (system_error)
  malformed_response,  // what came is not an HTTP response, or could be read in two ways
  response_too_large,  // header section or body over the limit of the settings
  out_of_resources     // memory, threads or file descriptors ran out
};

LEASEHOLD_API const char* to_string(Fate fate) noexcept;
LEASEHOLD_API const char* to_string(Phase phase) noexcept;
LEASEHOLD_API const char* to_string(Cause cause) noexcept;

// Where and why a request ended without an answer.
struct Fault {
  Phase phase = Phase::none;
  Cause cause = Cause::none;
  int system_error = 0;         // errno, 0 if it tells nothing
  unsigned long tls_error = 0;  // OpenSSL's error code, 0 if it tells nothing
  Refusal refusal = {};     // in Phase::wait, and for Cause::empty_lease: why there is no client
  std::string detail = {};  // what the numbers do not say; may be empty

  // One sentence for an operator:
  //   read: the server ended the connection
  //   connect: no TCP connection (127.0.0.1:443: Connection timed out)
  LEASEHOLD_API std::string sentence() const;
};

// A complete response. Its texts are views into the lease's buffer, valid until that lease's next
// request or its end; or into memory of its own, which pool.send() and own() give it.
class LEASEHOLD_API Response {
 public:
  Response() noexcept = default;
  Response(Response&& other) noexcept;
  Response& operator=(Response&& other) noexcept;
  ~Response() = default;

  int status() const noexcept { return status_; }
  std::string_view reason() const noexcept;
  std::string_view body() const noexcept { return body_; }

  // The value of the first header of this name, whatever its case; nothing if there is none.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
  // Calls visit(name, value) for each header line, in order.
  template <class Visit>
  void each_header(Visit visit) const {
    std::string_view rest = lines_;
    std::string_view name;
    std::string_view value;
    while (next_header(rest, name, value)) visit(name, value);
  }

  // Copies the texts into memory of this response, so that it outlives the lease. One allocation;
  // throws std::bad_alloc. Nothing if that has been done.
  void own();

  // For the library: `head` is the status line and the header lines, each with its CRLF, as the
  // parser has checked them.
  Response(int status, std::string_view head, std::string_view body) noexcept;

 private:
  static bool next_header(std::string_view& rest, std::string_view& name,
                          std::string_view& value) noexcept;

  int status_ = 0;
  std::string_view head_;   // status line
  std::string_view lines_;  // header lines
  std::string_view body_;
  std::unique_ptr<char[]> own_;
};

// Thrown by Outcome::response() when there is none: a bug in the caller.
class LEASEHOLD_API NotAnsweredError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
  ~NotAnsweredError() override;
};

// What send() returns: a fate, with the response if it is `answered`, and a fault if not.
//
//   if (outcome) return decode(outcome.response().body());
//   log(outcome.sentence());
//   if (outcome.fate() == Fate::in_doubt) look_up(client_order_id);  // not_sent: safe to send
//   again
class [[nodiscard]] LEASEHOLD_API Outcome {
 public:
  explicit Outcome(Response response) noexcept;
  // REQUIRES: `fate` is not `answered`.
  Outcome(Fate fate, Fault fault) noexcept;

  // True if answered, whatever the status.
  explicit operator bool() const noexcept { return fate_ == Fate::answered; }
  Fate fate() const noexcept { return fate_; }
  // Throws NotAnsweredError.
  const Response& response() const&;
  Response response() &&;
  const Fault& fault() const& noexcept { return fault_; }
  Fault fault() && noexcept { return std::move(fault_); }

  // One sentence for an operator: "in doubt: read: the server ended the connection".
  std::string sentence() const;

  // See Response::own().
  void own() { response_.own(); }

 private:
  Fate fate_;
  Response response_;
  Fault fault_;
};

}  // namespace leasehold
