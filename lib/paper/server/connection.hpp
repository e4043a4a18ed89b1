#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "paper/server/http_request.hpp"
#include "paper/server/request_handler.hpp"
#include "paper/server/time_source.hpp"
#include "paper/server/tls_context.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::paper::detail {

using leasehold::detail::UniqueFd;

struct ServerLimits {
  std::chrono::milliseconds idle_timeout;   // between requests
  std::chrono::milliseconds stall_timeout;  // of a handshake, a request's arrival, a blocked answer
  std::size_t max_connections;
};

// Of a whole server; each is only ever added to, but `open`.
struct ServerCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> handshakes{0};
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> requests{0};
};

// What the loops and connections of a server share. Outlives them.
struct ServerCommons {
  const TlsContext tls;
  const ServerLimits limits;
  const TimeSource& time;
  ServerCounters counters{};
};

// One HTTP/1.1 connection over TLS as a state machine that never blocks: its event loop tells it
// that the socket is ready or a time has come, and afterwards asks what it waits for now. Requests
// are served one after the other; while one is, the peer's further bytes stay in the socket.
//
// Thread: its event loop's.
// Cost: one read() and one write() a request.
class Connection {
 public:
  using TimePoint = RequestHandler::TimePoint;
  using Scratch = std::array<char, 16384>;  // where bytes arrive; shared by a loop's connections

  Connection(UniqueFd socket, std::uint64_t id, ServerCommons& commons, RequestHandler& handler,
             Scratch& scratch);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void on_socket(std::uint32_t epoll_events);
  void on_time(TimePoint now);

  // What it waits for.
  bool finished() const noexcept { return phase_ == Phase::finished; }
  std::uint32_t epoll_events() const noexcept;
  TimePoint answer_due() const noexcept;  // max(): no answer is held back
  TimePoint timeout() const noexcept;     // max(): none

  int socket() const noexcept { return socket_.get(); }
  std::uint64_t id() const noexcept { return id_; }

  // Says goodbye to a peer that listens, without waiting: for a server that stops.
  void say_close() noexcept;

 private:
  enum class Phase : std::uint8_t {
    handshake,
    reading,    // a request has not arrived completely
    holding,    // its answer is not due
    writing,    // the answer, or "100 Continue"
    lingering,  // all is said; until the peer closes too, or a RST might lose the answer
    finished
  };

  void advance();
  bool shake_hands();
  bool read_request();
  bool read_more();
  bool write_reply();
  bool drain();

  void take(Reply reply);
  void reply_sent();
  void enter(Phase phase);
  void begin_close();
  void wait_for(int ssl_error);

  const UniqueFd socket_;
  const std::uint64_t id_;
  const ServerLimits& limits_;
  const TimeSource& time_;
  ServerCounters& counters_;
  RequestHandler& handler_;
  Scratch& scratch_;
  const SslPtr ssl_;

  Phase phase_ = Phase::handshake;
  TimePoint since_;             // progress was made last
  bool readable_ = false;       // the socket may have bytes that were not read
  bool wants_write_ = false;    // TLS cannot go on until the socket takes more
  bool continue_sent_ = false;  // "100 Continue", to this request
  std::string in_;              // received and not yet consumed
  RequestParser parser_;
  Reply reply_;
  std::size_t sent_ = 0;  // bytes of the reply
};

}  // namespace leasehold::paper::detail
