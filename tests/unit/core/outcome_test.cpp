#include "leasehold/outcome.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/classification.hpp"

using namespace leasehold;

namespace {

constexpr std::string_view head =
    "HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: application/json\r\nX-Id:  7 \r\nx-id: "
    "8\r\n"
    "Empty:\r\n";

constexpr Phase phases[] = {Phase::none,      Phase::prepare, Phase::wait, Phase::connect,
                            Phase::handshake, Phase::write,   Phase::read};

}  // namespace

TEST_CASE("a response gives its status, headers in any case, and body") {
  const Response response(422, head, "{}");
  CHECK(response.status() == 422);
  CHECK(response.reason() == "Unprocessable Entity");
  CHECK(response.body() == "{}");
  CHECK(response.header("content-TYPE") == "application/json");
  CHECK(response.header("X-ID") == "7");
  CHECK(response.header("Empty") == "");
  CHECK_FALSE(response.header("X-I").has_value());
  std::vector<std::string> names;
  response.each_header([&](std::string_view name, std::string_view value) {
    names.push_back(std::string(name).append("=").append(value));
  });
  CHECK(names ==
        std::vector<std::string>{"Content-Type=application/json", "X-Id=7", "x-id=8", "Empty="});
}

TEST_CASE("a status line without a reason, and no headers, are a response") {
  const Response response(200, "HTTP/1.1 200 \r\n", "");
  CHECK(response.reason().empty());
  CHECK_FALSE(response.header("A").has_value());
  CHECK(Response(200, "HTTP/1.1 200\r\n", "").reason().empty());
}

TEST_CASE("a response that owns its texts outlives the buffer they were read to") {
  std::string buffer(head);
  const std::size_t body_at = buffer.size();
  buffer += "the body";
  const std::string_view all = buffer;
  Response response(422, all.substr(0, body_at), all.substr(body_at));
  response.own();
  buffer.assign(buffer.size(), '#');
  Response moved = std::move(response);
  CHECK(response.status() == 0);
  CHECK(response.body().empty());
  const char* const where = moved.body().data();
  moved.own();
  CHECK(moved.body().data() == where);
  CHECK(moved.reason() == "Unprocessable Entity");
  CHECK(moved.header("x-id") == "7");
  CHECK(moved.body() == "the body");
}

TEST_CASE("an outcome is true if it was answered, whatever the status") {
  const Outcome outcome(Response(500, head, ""));
  CHECK(outcome);
  CHECK(outcome.fate() == Fate::answered);
  CHECK(outcome.response().status() == 500);
  CHECK(outcome.fault().cause == Cause::none);
  CHECK(outcome.sentence() == "answered: 500");
}

TEST_CASE("an outcome without an answer throws rather than show one") {
  Outcome outcome(Fate::in_doubt, {.phase = Phase::read, .cause = Cause::peer_closed});
  CHECK_FALSE(outcome);
  CHECK(outcome.sentence() == "in doubt: read: the server ended the connection");
  CHECK_THROWS_WITH_AS(static_cast<void>(outcome.response()),
                       "Outcome::response(): in doubt: read: the server ended the connection",
                       NotAnsweredError);
  CHECK_THROWS_AS(static_cast<void>(std::move(outcome).response()), NotAnsweredError);
}

TEST_CASE("a fault's sentence has what the numbers mean") {
  CHECK(Fault{.phase = Phase::connect,
              .cause = Cause::connect_failed,
              .system_error = ECONNREFUSED,
              .detail = "127.0.0.1"}
            .sentence() == "connect: no TCP connection (127.0.0.1: Connection refused)");
  CHECK(Fault{.phase = Phase::read, .cause = Cause::connection_broken, .system_error = ECONNRESET}
            .sentence() == "read: the connection broke (Connection reset by peer)");
  const Refusal refusal{.reason = RefusalReason::line_full, .size = 2, .leased = 2, .waiting = 9};
  CHECK(Fault{.phase = Phase::wait, .cause = Cause::no_client, .refusal = refusal}.sentence() ==
        "wait: no client was lent (" + refusal.sentence() + ")");
  CHECK(Fault{.phase = Phase::read, .cause = Cause::closed}.sentence() ==
        "read: the source or channel was closed");
}

TEST_CASE("every cause, phase and fate has a word and a sentence of its own") {
  std::set<std::string> words, sentences;
  for (const detail::CauseRow& row : detail::cause_rows()) {
    CHECK(words.insert(to_string(row.cause)).second);
    CHECK(sentences.insert(Fault{.cause = row.cause}.sentence()).second);
  }
  for (const Phase phase : phases)
    CHECK(words.insert(to_string(phase)).second == (phase != Phase::none));
  for (const Fate fate : {Fate::answered, Fate::not_sent, Fate::in_doubt}) {
    CHECK(words.insert("fate " + std::string(to_string(fate))).second);
  }
  CHECK(words.count("unknown") == 0);
}

TEST_CASE("a request is in doubt from where the server could have read of it, and not before") {
  for (const Phase phase : {Phase::prepare, Phase::wait, Phase::connect, Phase::handshake}) {
    CHECK(detail::fate_of(phase, false) == Fate::not_sent);
    CHECK(detail::fate_of(phase, true) == Fate::not_sent);
  }
  CHECK(detail::fate_of(Phase::write, false) == Fate::not_sent);
  CHECK(detail::fate_of(Phase::write, true) == Fate::in_doubt);
  CHECK(detail::fate_of(Phase::read, true) == Fate::in_doubt);
  CHECK(detail::fate_of(Phase::read, false) == Fate::in_doubt);
  CHECK(detail::fate_of(static_cast<Phase>(99), false) == Fate::in_doubt);
}
