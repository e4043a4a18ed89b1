// Every way in which a request can end, in memory: what went out, what came back, how the
// connection ended and when the deadline passed, at each position of each.
#include "client/round_trip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace leasehold;
using namespace leasehold::detail;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

using Want = RoundTrip::Want;
using Kind = StreamEnd::Kind;

constexpr std::string_view request = "POST /v2/orders HTTP/1.1\r\nHost: a\r\n\r\n{}x"sv;
constexpr std::size_t record = 8;  // bytes of it in one
constexpr std::size_t records = (request.size() + record - 1) / record;

// An answer, and what there is to know of it without parsing it.
struct Answer {
  const char* name;
  std::string_view interim;
  std::string_view line;     // of the final response
  std::string_view headers;  // with the empty line
  std::string_view body;     // as it goes on the wire
  bool to_end = false;       // the connection's end is the body's
  bool keeps = true;         // the server keeps the connection
  Method method = Method::post;

  std::string bytes() const {
    return std::string(interim).append(line).append(headers).append(body);
  }
  std::size_t line_end() const { return interim.size() + line.size(); }
  std::size_t head_end() const { return line_end() + headers.size(); }
  std::size_t end() const { return head_end() + body.size(); }
};

constexpr Answer answers[] = {
    {"fixed", "", "HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n\r\n", "hello"},
    {"empty", "", "HTTP/1.1 201 \r\n", "content-length: 0\r\n\r\n", ""},
    {"chunked", "", "HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n\r\n",
     "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: v\r\n\r\n"},
    {"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\n",
     "HTTP/1.1 422 No\r\n", "Content-Length: 2\r\n\r\n", "{}"},
    {"no content", "", "HTTP/1.1 204 No Content\r\n", "\r\n", ""},
    {"to HEAD", "", "HTTP/1.1 200 OK\r\n", "Content-Length: 9\r\n\r\n", "", false, true,
     Method::head},
    {"closes", "", "HTTP/1.1 200 OK\r\n", "Connection: Close\r\nContent-Length: 1\r\n\r\n", "x",
     false, false},
    {"1.0", "", "HTTP/1.0 200 OK\r\n", "Content-Length: 1\r\n\r\n", "x", false, false},
    {"to the end", "", "HTTP/1.1 200 OK\r\n", "Server: x\r\n\r\n", "as long as it lasts", true,
     false},
};

const TimePoint start = TimePoint() + 1h;

// What happens on the connection, one thing at a time.
struct Event {
  enum class Is : std::uint8_t { wrote, got, ended };
  Is is;
  std::string_view bytes = {};  // wrote: only their number counts
  StreamEnd end = {};
};

// The endings that a test goes through; without one the peer is silent.
struct Ending {
  const char* name;
  StreamEnd end;
  Cause cause;
};
const Ending endings[] = {
    {"close_notify", {.kind = Kind::closed}, Cause::peer_closed},
    {"FIN", {.kind = Kind::cut}, Cause::peer_closed},
    {"RST", {.kind = Kind::broken, .system_error = ECONNRESET}, Cause::connection_broken},
    {"alert", {.kind = Kind::failed, .tls_error = 1}, Cause::tls_failed},
};

void put(RoundTrip& trip, std::string_view bytes) {
  while (!bytes.empty() && trip.wants() != Want::nothing) {
    const std::span<char> room = trip.room();
    REQUIRE(!room.empty());
    const std::size_t piece = bytes.copy(room.data(), room.size());
    trip.got(piece);
    bytes.remove_prefix(piece);
  }
}

// One event each second. What is left when it is over does not happen.
void play(RoundTrip& trip, const std::vector<Event>& events, TimePoint deadline = kNever,
          Method method = Method::post) {
  trip.begin(request, method, deadline);
  TimePoint now = start;
  for (const Event& event : events) {
    if (trip.is_late(now) || trip.wants() == Want::nothing) return;
    now += 1s;
    switch (event.is) {
      case Event::Is::wrote:
        REQUIRE(trip.wants() == Want::write);
        trip.wrote(event.bytes.size());
        break;
      case Event::Is::got:
        put(trip, event.bytes);
        break;
      case Event::Is::ended:
        trip.ended(event.end);
        break;
    }
  }
  if (trip.wants() != Want::nothing) CHECK(trip.is_late(deadline == kNever ? kNever : now + 24h));
}

std::vector<Event> writes(std::size_t count) {
  std::vector<Event> events;
  for (std::size_t at = 0; at < count; ++at) {
    events.push_back({Event::Is::wrote, request.substr(at * record, record)});
  }
  return events;
}

void add_pieces(std::vector<Event>& events, std::string_view bytes, std::size_t piece) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    events.push_back({Event::Is::got, bytes.substr(0, piece)});
  }
}

// What must have become of the request when `out` of its records had gone out and `in` bytes had
// come, and nothing more does but this cause.
struct Expected {
  Fate fate;
  Phase phase = Phase::none;
  Cause cause = Cause::none;
};
Expected expected(const Answer& answer, std::size_t out, std::size_t in, Cause cause,
                  bool in_order = false) {
  if (out == 0 && in > 0) return {Fate::not_sent, Phase::write, Cause::malformed_response};
  if (!answer.to_end && in >= answer.end()) return {Fate::answered};
  if (answer.to_end && in >= answer.head_end() && in_order) return {Fate::answered};
  return {out == 0 ? Fate::not_sent : Fate::in_doubt, out == records ? Phase::read : Phase::write,
          cause};
}

void check(const RoundTrip& trip, const Expected& wanted) {
  CHECK(trip.wants() == Want::nothing);
  CHECK(trip.fate() == wanted.fate);
  if (wanted.fate == Fate::answered) return;
  CHECK(trip.fault().phase == wanted.phase);
  CHECK(trip.fault().cause == wanted.cause);
  CHECK(row_of(wanted.cause).phases.has(wanted.phase));
  CHECK_FALSE(trip.reusable());
}

// Calls `visit` with each answer, each number of records that went out before it, each number of
// bytes of it that came, and each of a few ways to split these.
void for_each_cut(const std::function<void(const Answer&, std::size_t out, std::size_t in,
                                           std::size_t piece)>& visit) {
  for (const Answer& answer : answers) {
    CAPTURE(answer.name);
    for (std::size_t out = 0; out <= records; ++out) {
      CAPTURE(out);
      for (std::size_t in = 0; in <= answer.end(); ++in) {
        CAPTURE(in);
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
          CAPTURE(piece);
          visit(answer, out, in, piece);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("wherever the connection ends, and however, nothing is called safer than it is") {
  RoundTrip trip({});
  for (const Ending& ending : endings) {
    CAPTURE(ending.name);
    for_each_cut([&](const Answer& answer, std::size_t out, std::size_t in, std::size_t piece) {
      const std::string bytes = answer.bytes();
      std::vector<Event> events = writes(out);
      add_pieces(events, std::string_view(bytes).substr(0, in), piece);
      events.push_back({Event::Is::ended, {}, ending.end});
      play(trip, events, kNever, answer.method);
      const Expected wanted =
          expected(answer, out, in, ending.cause, ending.end.kind == Kind::closed);
      check(trip, wanted);
      if (wanted.fate == Fate::answered) {
        CHECK(trip.reusable() == (answer.keeps && out == records));
      }
    });
  }
}

TEST_CASE("whenever the deadline passes, before, between or after what happens, it ends it there") {
  RoundTrip trip({});
  for (const Answer& answer : answers) {
    CAPTURE(answer.name);
    const std::string bytes = answer.bytes();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{9}}) {
      std::vector<Event> events = writes(records);
      add_pieces(events, bytes, piece);
      for (std::size_t step = 0; step <= events.size(); ++step) {
        CAPTURE(step);
        play(trip, events, start + std::chrono::seconds(step), answer.method);
        const std::size_t out = std::min(step, records);
        const std::size_t in = std::min((step - out) * piece, bytes.size());
        check(trip, expected(answer, out, in, Cause::deadline));
      }
    }
  }
}

TEST_CASE("a peer that goes silent leaves the request to its deadline, however far it came") {
  RoundTrip trip({});
  for_each_cut([&](const Answer& answer, std::size_t out, std::size_t in, std::size_t piece) {
    const std::string bytes = answer.bytes();
    std::vector<Event> events = writes(out);
    add_pieces(events, std::string_view(bytes).substr(0, in), piece);
    play(trip, events, start + 24h, answer.method);
    check(trip, expected(answer, out, in, Cause::deadline));
  });
}

TEST_CASE(
    "a request that is stopped or cut off, or that memory is short for, is as far as it came") {
  RoundTrip trip({});
  for (const Cause cause : {Cause::stopped, Cause::closed, Cause::out_of_resources}) {
    for (std::size_t out = 0; out <= records; ++out) {
      trip.begin(request, Method::post, kNever);
      for (const Event& event : writes(out)) trip.wrote(event.bytes.size());
      trip.give_up(cause);
      check(trip, expected(answers[0], out, 0, cause));
    }
  }
}

TEST_CASE(
    "garbage instead of an answer, from any position on, is never an answer nor a clean end") {
  RoundTrip trip({});
  for (const std::string_view garbage : {"\0\x01\x02garbage"sv, "\r\r\r\r"sv, "SSH-2.0-x\r\n"sv}) {
    for (const Answer& answer : answers) {
      CAPTURE(answer.name);
      const std::string bytes = answer.bytes();
      for (std::size_t in = 0; in < answer.head_end(); ++in) {
        CAPTURE(in);
        std::vector<Event> events = writes(records);
        const std::string mixed = bytes.substr(0, in).append(garbage);
        add_pieces(events, mixed, 5);
        events.push_back({Event::Is::ended, {}, {.kind = Kind::closed}});
        play(trip, events, kNever, answer.method);
        CHECK(trip.fate() == Fate::in_doubt);
        CHECK_FALSE(trip.reusable());
      }
    }
  }
}

TEST_CASE(
    "bytes that come with the answer and are not of it, another answer too, end the connection") {
  RoundTrip trip({});
  for (const Answer& answer : answers) {
    if (answer.to_end) continue;
    CAPTURE(answer.name);
    const std::string bytes = answer.bytes();
    for (const std::string& more : {std::string("x"), std::string("\r\n"), bytes}) {
      const std::string both = bytes + more;
      for (std::size_t first = 0; first < bytes.size(); ++first) {
        CAPTURE(first);
        std::vector<Event> events = writes(records);
        add_pieces(events, std::string_view(both).substr(0, first), 4096);
        events.push_back({Event::Is::got, std::string_view(both).substr(first)});
        play(trip, events, kNever, answer.method);
        CHECK(trip.fate() == Fate::answered);
        CHECK_FALSE(trip.reusable());
      }
    }
  }
}

TEST_CASE("what was answered is the answer, however it came") {
  RoundTrip trip({});
  for (std::size_t piece = 1; piece < 40; ++piece) {
    std::vector<Event> events = writes(records);
    const std::string bytes = answers[2].bytes();
    add_pieces(events, bytes, piece);
    play(trip, events);
    REQUIRE(trip.fate() == Fate::answered);
    const Response response = trip.response();
    CHECK(response.status() == 200);
    CHECK(response.body() == "abcd");
    CHECK(response.header("transfer-encoding") == "chunked");
  }
}

TEST_CASE("what comes before the request is no answer to it, and the request is not sent") {
  RoundTrip trip({});
  const std::string bytes = answers[0].bytes();
  play(trip, {{Event::Is::got, bytes}});
  CHECK(trip.fate() == Fate::not_sent);
  CHECK(trip.fault().sentence() ==
        "write: what came is not an HTTP response (the server spoke before the request)");
}

TEST_CASE("a request goes on while its answer has begun, and stops when it is complete") {
  RoundTrip trip({});
  trip.begin(request, Method::post, kNever);
  trip.wrote(record);
  put(trip, "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(trip.wants() == Want::write);
  put(trip, "HTTP/1.1 413 Too Large\r\n");
  CHECK(trip.wants() == Want::write);
  trip.wrote(record);
  put(trip, "Content-Length: 0\r\n\r\n");
  CHECK(trip.fate() == Fate::answered);
  CHECK_FALSE(trip.reusable());
}

TEST_CASE("a write that fails leaves what the peer has said before to be read") {
  RoundTrip trip({});
  for (const Ending& ending : endings) {
    CAPTURE(ending.name);
    for_each_cut([&](const Answer& answer, std::size_t out, std::size_t in, std::size_t piece) {
      if (out == records) return;
      trip.begin(request, answer.method, kNever);
      for (const Event& event : writes(out)) trip.wrote(event.bytes.size());
      trip.write_failed({.kind = Kind::broken, .system_error = EPIPE});
      if (out == 0) {
        return check(trip, {Fate::not_sent, Phase::write, Cause::connection_broken});
      }
      CHECK(trip.wants() == Want::read);
      const std::string bytes = answer.bytes();
      for (std::size_t at = 0; at < in; at += piece)
        put(trip, bytes.substr(at, std::min(piece, in - at)));
      if (trip.wants() != Want::nothing) trip.ended(ending.end);
      check(trip, expected(answer, out, in, ending.cause, ending.end.kind == Kind::closed));
      CHECK_FALSE(trip.reusable());
    });
  }
}

TEST_CASE("an answer over the limits is too large, and in doubt") {
  RoundTrip trip({.head = 64, .body = 10});
  std::vector<Event> events = writes(records);
  events.push_back({Event::Is::got, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"});
  play(trip, events);
  check(trip, {Fate::in_doubt, Phase::read, Cause::response_too_large});
  const std::string head = "HTTP/1.1 200 OK\r\nA: " + std::string(100, 'a');
  events.back().bytes = head;
  play(trip, events);
  check(trip, {Fate::in_doubt, Phase::read, Cause::response_too_large});
}

TEST_CASE("an answer larger than usual is read whole, and its memory is not kept") {
  RoundTrip trip({});
  const std::string body(100'000, 'b');
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body;
  std::vector<Event> events = writes(records);
  add_pieces(events, bytes, 16'384);
  play(trip, events);
  REQUIRE(trip.fate() == Fate::answered);
  CHECK(trip.response().body() == body);
  CHECK(trip.reusable());
  CHECK(trip.is_swollen());
  trip.shrink();
  CHECK_FALSE(trip.is_swollen());
  trip.begin(request, Method::post, kNever);
  CHECK(trip.room().size() < 10'000);
}
