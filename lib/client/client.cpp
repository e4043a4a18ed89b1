#include "client/client.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "client/alarm.hpp"
#include "client/connect_fault.hpp"
#include "client/http_probe.hpp"

namespace leasehold::detail {
namespace {

using std::chrono::milliseconds;
using Turn = TlsSession::Turn;

// Of a request; what a larger one took is not kept while the client is idle.
constexpr std::size_t kUsualText = std::size_t{64} * 1024;

// While a request is under way, its caller's stop token interrupts it.
class StopWatch {
 public:
  StopWatch(Connection& connection, const std::stop_token& stop) : connection_(connection) {
    if (stop.stop_possible()) callback_.emplace(stop, Interrupt{connection});
  }
  ~StopWatch() {
    if (!callback_) return;
    callback_.reset();  // waits for one that is being called
    connection_.forget_interruption(Interruption::stop);
  }
  StopWatch(const StopWatch&) = delete;
  StopWatch& operator=(const StopWatch&) = delete;

 private:
  struct Interrupt {
    Connection& connection;
    void operator()() const noexcept { connection.interrupt(Interruption::stop); }
  };

  Connection& connection_;
  std::optional<std::stop_callback<Interrupt>> callback_;
};

// Until one of `events` (poll's) is there, `deadline`, or a signal.
void await(int descriptor, short events, TimePoint deadline, TimePoint now) noexcept {
  timespec left{};
  const bool ends = deadline != kNever;
  if (ends) {
    const auto rest = std::max(deadline - now, TimePoint::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
    left.tv_sec = seconds.count();
    left.tv_nsec = std::chrono::nanoseconds(rest - seconds).count();
  }
  pollfd socket{.fd = descriptor, .events = events, .revents = 0};
  ::ppoll(&socket, 1, ends ? &left : nullptr, nullptr);
}

// Tells the trip of an end, by `tell`, unless somebody has interrupted it.
template <class Tell>
void tell_end(RoundTrip& trip, Connection& connection, Tell tell) noexcept {
  // Cutting the connection is how a request is interrupted, and looks like an end.
  if (const Interruption by = connection.interruption(); by != Interruption::none) {
    trip.give_up(cause_of(by));
  } else {
    tell();
  }
}

// Goes one step on; what to wait for before the next (poll's events), or 0.
short advance(RoundTrip& trip, Turn& turn, Connection& connection) noexcept {
  short wait_for = 0;
  if (trip.wants() == RoundTrip::Want::write) {
    const Turn::Step step = turn.write(trip.unwritten());
    if (step.bytes != 0) {
      trip.wrote(step.bytes);
      // An answer takes a while: to look for it now would be a system call for nothing.
      const bool waits = trip.wants() == RoundTrip::Want::read && !turn.holds_bytes();
      return waits ? POLLIN : 0;
    }
    if (step.wait_for == 0) {
      tell_end(trip, connection, [&] { trip.write_failed(step.end); });
      return 0;
    }
    // Who answers before it has read everything may never read on.
    wait_for = static_cast<short>(step.wait_for | POLLIN);
  }
  const std::span<char> room = trip.room();
  if (room.empty()) return 0;
  const Turn::Step step = turn.read(room);
  if (step.bytes != 0) {
    trip.got(step.bytes);
    return 0;
  }
  if (step.wait_for == 0) {
    tell_end(trip, connection, [&] { trip.ended(step.end); });
    return 0;
  }
  return static_cast<short>(wait_for | step.wait_for);
}

// Of a server that has answered the probe, and is not quiet: it has ended the connection, or what
// it said would be taken for the next request's answer.
Probed said_more(Turn& turn) noexcept {
  std::array<char, 1> byte{};
  return turn.read(byte).bytes != 0 ? Probed::failed : Probed::answered;
}

// Before any of it was written.
Outcome not_sent(Fault fault) noexcept { return {Fate::not_sent, std::move(fault)}; }

}  // namespace

Outcome Client::send(const OutgoingRequest& request, TimePoint deadline,
                     const std::stop_token& stop) noexcept {
  Phase phase = Phase::prepare;
  try {
    if (health_.condemned) return not_sent({.phase = phase, .cause = Cause::condemned});
    if (stop.stop_requested()) return not_sent({.phase = phase, .cause = Cause::stopped});
    text_.clear();
    if (std::string problem = request.render(text_, blueprint_.own_lines); !problem.empty()) {
      return not_sent(
          {.phase = phase, .cause = Cause::invalid_request, .detail = std::move(problem)});
    }
    if (clock_.now() >= deadline) return not_sent({.phase = phase, .cause = Cause::deadline});

    const StopWatch watch(connection_, stop);
    phase = Phase::connect;
    Fault fault = make_ready(deadline);
    if (fault.cause != Cause::none) return not_sent(std::move(fault));

    begin(text_, request.method(), deadline);
    run_trip();
    return finish();
  } catch (const std::exception&) {  // no memory, or no thread to wait with; nothing was begun
    return not_sent({.phase = phase, .cause = Cause::out_of_resources});
  }
}

void Client::begin(std::string_view text, Method method, TimePoint deadline) noexcept {
  turn_.emplace(connection_.session());
  trip_.begin(text, method, deadline);
}

short Client::step() noexcept { return advance(trip_, *turn_, connection_); }

Outcome Client::finish() noexcept {
  const bool clean = trip_.reusable() && (!turn_->holds_bytes() || turn_->is_quiet());
  turn_.reset();
  health_.swollen = text_.capacity() > kUsualText || trip_.is_swollen();
  if (!clean || !blueprint_.settings.keep_alive) disconnect();
  if (trip_.fate() == Fate::answered) return Outcome(trip_.response());
  try {
    Fault fault = trip_.fault();
    if (fault.tls_error != 0 && fault.detail.empty()) fault.detail = words_of(fault.tls_error);
    return {trip_.fate(), std::move(fault)};
  } catch (const std::bad_alloc&) {
    return {trip_.fate(), {.phase = trip_.phase(), .cause = Cause::out_of_resources}};
  }
}

void Client::run_trip() noexcept {
  bool waited = false;  // once: a read that ends without bytes has used its time
  while (!is_over()) {
    const short wait_for = step();
    if (is_over()) break;
    const TimePoint now = clock_.now();
    if (is_late(now)) break;
    if (wait_for == 0) continue;
    // Who has time lets the read wait.
    const bool has_time =
        trip_.deadline() == kNever || trip_.deadline() - now > 2 * SocketBio::kBriefly;
    if (wait_for == POLLIN && has_time && !waited && turn_->wait_briefly_once()) {
      waited = true;
      continue;
    }
    await(descriptor(), wait_for, trip_.deadline(), now);
  }
}

Fault Client::make_ready(TimePoint deadline) {
  TlsSession& session = connection_.session();
  if (!session.connected()) return connect(deadline);
  if (!connection_.is_cuttable() && !connection_.make_cuttable(session.descriptor())) {
    return {.phase = Phase::prepare, .cause = Cause::out_of_resources};
  }
  if (Turn(session).is_quiet()) return {};
  const Interruption by = connection_.interruption();
  disconnect();
  Fault fault{.phase = Phase::prepare, .cause = Cause::stale};
  if (by != Interruption::none) {
    fault.cause = cause_of(by);
  } else if (session.connected()) {
    // An exception out of a call on cpp-httplib < 0.12 makes it keep the connection for ever.
    condemn();
    fault.cause = Cause::condemned;
  }
  return fault;
}

void Client::shrink() noexcept {
  std::string().swap(text_);
  trip_.shrink();
  health_.swollen = false;
}

void Client::disconnect() noexcept {
  detail::disconnect(*http_);
  connection_.forget();
}

// --- connecting ---

Fault Client::connect(TimePoint deadline) {
  WakeSignal signal;
  Resolver::Question question(blueprint_.resolver, signal);
  std::optional<Resolution> resolution;
  for (;;) {
    const TimePoint now = clock_.now();
    if (const Interruption by = connection_.interruption(); by != Interruption::none) {
      return {.phase = Phase::connect, .cause = cause_of(by)};
    }
    resolution = question.answer(now);
    if (resolution) break;
    if (now >= deadline) return {.phase = Phase::connect, .cause = Cause::deadline};
    connection_.await(signal, deadline, clock_);
  }
  if (!*resolution) {
    return {.phase = Phase::connect,
            .cause = Cause::name_not_resolved,
            .detail = std::move(resolution->problem)};
  }

  Fault fault = try_all(resolution->addresses, deadline);
  // Whatever came of it, the alarm may have cut it.
  if (fault.cause == Cause::none && clock_.now() >= deadline) {
    disconnect();
    fault = {.phase = Phase::handshake, .cause = Cause::deadline};
  }
  if (fault.cause == Cause::connect_failed) blueprint_.resolver.suspect();
  return fault;
}

Fault Client::try_all(const std::vector<std::string>& addresses, TimePoint deadline) {
  const Alarm alarm(connection_, deadline, clock_);
  const TimePoint begun = clock_.now();
  // All addresses have the time together.
  milliseconds left = connect_time(blueprint_.settings);
  Fault fault;
  for (const std::string& address : addresses) {
    fault = attempt(address, left);
    if (fault.cause != Cause::connect_failed) break;
    left =
        std::chrono::ceil<milliseconds>(connect_time(blueprint_.settings) - (clock_.now() - begun));
    if (left <= milliseconds::zero()) break;
  }
  return fault;
}

Fault Client::attempt(const std::string& address, milliseconds time) {
  TlsSession& session = connection_.session();
  const std::uint64_t begun = session.handshakes_begun();
  const std::uint64_t made = connection_.sockets_made();
  const TimePoint from = clock_.now();
  Probed probed = Probed::failed;
  try {
    probed = probe(*http_, {blueprint_, address, time});
  } catch (...) {  // only memory can be missing, and may have left half a request
    condemn();
    throw;
  }
  if (probed == Probed::answered && session.connected()) {
    Turn turn(session);
    if (turn.is_quiet()) return {};
    probed = said_more(turn);
  }

  const TimePoint until = clock_.now();
  disconnect();  // frees what cpp-httplib has not freed, and that tells how it ended
  return connect_fault(
      {.address = address + ":" + std::to_string(blueprint_.origin.port),
       .probe = blueprint_.settings.probe,
       .by = connection_.interruption(),
       .probed = probed,
       .took_all_time = until - from >= std::min(time, blueprint_.settings.request_timeout),
       .made_socket = connection_.sockets_made() != made && connection_.is_cuttable(),
       .began_handshake = session.handshakes_begun() != begun,
       .verifies = blueprint_.settings.verify,
       .end = session.last_end()});
}

}  // namespace leasehold::detail
