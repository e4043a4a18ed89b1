// The steps on a TLS connection, between two ends of a socket.
#include "client/tls_session.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/certificates.hpp"
#include "support/deadly_sigpipe.hpp"
#include "support/tls_server.hpp"
#include "system/openssl.hpp"
#include "system/unique_fd.hpp"

using namespace leasehold::detail;
using namespace leasehold::test;

namespace {

using Turn = TlsSession::Turn;
using Kind = StreamEnd::Kind;

// A session, and the server at the other end of its socket. Both ends block.
class Connected {
 public:
  Connected() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    own_ = UniqueFd(ends[0]);
    peer_ = UniqueFd(ends[1]);
    TlsSession::reserve_slot();
    client_.reset(SSL_new(client_context_.get()));
    server_.reset(SSL_new(server_context_.get()));
    SSL_set_fd(client_.get(), own_.get());
    SSL_set_fd(server_.get(), peer_.get());
    session.begins(client_.get());
    CHECK_FALSE(session.connected());
    std::thread accepting([&] { CHECK(SSL_accept(server_.get()) == 1); });
    CHECK(SSL_connect(client_.get()) == 1);
    accepting.join();
    session.shook_hands(client_.get());
  }

  SSL* server() const { return server_.get(); }
  SSL* client() const { return client_.get(); }
  int peer() const { return peer_.get(); }

  void server_sends(std::string_view data) const {
    REQUIRE(SSL_write(server(), data.data(), static_cast<int>(data.size())) ==
            static_cast<int>(data.size()));
  }
  void server_updates_keys(int times) const {
    for (int i = 0; i < times; ++i) {
      REQUIRE(SSL_key_update(server(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
      REQUIRE(SSL_do_handshake(server()) == 1);
    }
  }
  void free_client() { client_.reset(); }
  void close_peer() { peer_.reset(); }

  TlsSession session;

 private:
  const Certified authority_ = make_root("root");
  const SslContextPtr client_context_{SSL_CTX_new(TLS_client_method())};
  const SslContextPtr server_context_ = make_server_context(make_server(authority_));
  UniqueFd own_, peer_;
  SslPtr server_;
  SslPtr client_;
};

// The tickets, which a server sends before anything else, are taken.
void take_tickets(Connected& c) { REQUIRE(Turn(c.session).is_quiet()); }

}  // namespace

TEST_CASE("in its turn a read takes what is there, and does not wait for more") {
  Connected c;
  Turn turn(c.session);
  std::array<char, 100> buffer{};
  CHECK(turn.read(buffer).wait_for == POLLIN);
  c.server_sends("answer");
  const Turn::Step step = turn.read(buffer);
  CHECK(std::string_view(buffer.data(), step.bytes) == "answer");
  CHECK(turn.read(buffer).wait_for == POLLIN);
}

TEST_CASE("after the turn all is as cpp-httplib had set it") {
  Connected c;
  SSL_clear_mode(c.client(), SSL_MODE_AUTO_RETRY);
  const long modes = SSL_get_mode(c.client());
  {
    const Turn turn(c.session);
    CHECK(SSL_get_mode(c.client()) != modes);
    CHECK(SSL_get_read_ahead(c.client()) == 1);
  }
  CHECK(SSL_get_mode(c.client()) == modes);
  CHECK(SSL_get_read_ahead(c.client()) == 0);
  // And reads wait: this one for an answer that comes from another thread.
  std::thread answering([&] { c.server_sends("answer"); });
  std::array<char, 100> buffer{};
  int got = 0;
  do {  // a ticket ends a read, too
    got = SSL_read(c.client(), buffer.data(), static_cast<int>(buffer.size()));
  } while (got < 0 && SSL_get_error(c.client(), got) == SSL_ERROR_WANT_READ);
  CHECK(got == 6);
  answering.join();
}

TEST_CASE("a read that may wait briefly waits, and no longer") {
  Connected c;
  take_tickets(c);
  {
    Turn turn(c.session);
    std::array<char, 100> buffer{};
    REQUIRE(turn.wait_briefly_once());
    CHECK(turn.read(buffer).wait_for == POLLIN);  // nothing comes: it ends
    REQUIRE(turn.wait_briefly_once());
    std::thread answering([&] { c.server_sends("answer"); });
    std::size_t got = turn.read(buffer).bytes;
    answering.join();
    if (got == 0) got = turn.read(buffer).bytes;  // the machine stood still
    CHECK(got == 6);
    CHECK(turn.read(buffer).wait_for == POLLIN);  // once
  }
  // A read of cpp-httplib's waits as long as ever.
  std::array<char, 100> buffer{};
  std::thread answering([&] {
    const pollfd none{.fd = -1, .events = 0, .revents = 0};
    pollfd wait = none;
    ::poll(&wait, 1, 3 * static_cast<int>(SocketBio::kBriefly.count()));
    c.server_sends("late");
  });
  CHECK(SSL_read(c.client(), buffer.data(), static_cast<int>(buffer.size())) == 4);
  answering.join();
  // And one on a socket that does not wait comes back at once.
  const int socket = c.session.descriptor();
  REQUIRE(::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK) == 0);
  const int looked = SSL_peek(c.client(), buffer.data(), 1);
  CHECK(SSL_get_error(c.client(), looked) == SSL_ERROR_WANT_READ);
}

TEST_CASE("a connection is quiet while nothing comes but tickets and key updates") {
  Connected c;
  CHECK(Turn(c.session).is_quiet());  // with the tickets
  CHECK(Turn(c.session).is_quiet());
  c.server_updates_keys(3);
  CHECK(Turn(c.session).is_quiet());
}

TEST_CASE("a connection on which anything else has come is not quiet") {
  Connected c;
  take_tickets(c);
  SUBCASE("data") { c.server_sends("x"); }
  SUBCASE("data behind a key update") {
    c.server_updates_keys(1);
    c.server_sends("x");
  }
  SUBCASE("close_notify") { SSL_shutdown(c.server()); }
  SUBCASE("FIN") { ::shutdown(c.peer(), SHUT_WR); }
  SUBCASE("close") { c.close_peer(); }
  SUBCASE("half a record") { REQUIRE(::send(c.peer(), "\x17\x03\x03\x00", 4, 0) == 4); }
  SUBCASE("no TLS") { REQUIRE(::send(c.peer(), "HTTP/1.1 408\r\n", 14, 0) == 14); }
  CHECK_FALSE(Turn(c.session).is_quiet());
  CHECK_FALSE(Turn(c.session).is_quiet());
}

TEST_CASE("bytes that OpenSSL holds are not quiet, though the socket has none") {
  Connected c;
  take_tickets(c);
  Turn turn(c.session);
  c.server_sends("two answers");
  std::array<char, 3> buffer{};
  CHECK(turn.read(buffer).bytes == 3);
  CHECK(turn.holds_bytes());
  CHECK_FALSE(turn.is_quiet());
}

TEST_CASE("each end is told as what it is") {
  Connected c;
  take_tickets(c);
  std::array<char, 100> buffer{};
  Turn turn(c.session);
  SUBCASE("close_notify") {
    SSL_shutdown(c.server());
    CHECK(turn.read(buffer).end.kind == Kind::closed);
  }
  SUBCASE("FIN") {
    ::shutdown(c.peer(), SHUT_WR);
    const Turn::Step step = turn.read(buffer);
    CHECK(step.wait_for == 0);
    CHECK(step.end.kind == Kind::cut);
  }
  SUBCASE("no TLS") {
    REQUIRE(::send(c.peer(), "HTTP/1.1 408\r\n", 14, 0) == 14);
    const Turn::Step step = turn.read(buffer);
    CHECK(step.end.kind == Kind::failed);
    CHECK_FALSE(words_of(step.end.tls_error).empty());  // which depend on the version
  }
}

TEST_CASE("writing to a peer that is gone raises no signal, and breaks") {
  REQUIRE(sigpipe_is_deadly());
  Connected c;
  take_tickets(c);
  c.close_peer();
  Turn turn(c.session);
  const Turn::Step step = turn.write("order");
  CHECK(step.bytes == 0);
  CHECK(step.wait_for == 0);
  CHECK(step.end.kind == Kind::broken);
  CHECK(step.end.system_error == EPIPE);
}

TEST_CASE("what a peer does not read is taken in whole records, until there is room for no more") {
  Connected c;
  take_tickets(c);
  const std::string large(4 << 20, 'x');
  std::string_view rest = large;
  Turn turn(c.session);
  for (;;) {
    const std::uint64_t before = c.session.bytes_written();
    const Turn::Step step = turn.write(rest);
    const std::uint64_t taken = c.session.bytes_written() - before;
    if (step.bytes == 0) {
      CHECK(step.wait_for == POLLOUT);
      CHECK(taken < SSL3_RT_MAX_PLAIN_LENGTH);  // a part of a record, which nobody can read
      break;
    }
    CHECK(taken > SSL3_RT_MAX_PLAIN_LENGTH);
    CHECK(step.bytes == SSL3_RT_MAX_PLAIN_LENGTH);
    rest.remove_prefix(step.bytes);
  }
  CHECK(rest.size() < large.size());
  CHECK_FALSE(rest.empty());
}

TEST_CASE("a peer that never stops sending what TLS keeps to itself is not read for ever") {
  Connected c;
  take_tickets(c);
  // More than OpenSSL may read at a time for one call; each record is a few bytes.
  const int buffers = 64;
  std::jthread flooding([&](const std::stop_token& stop) {
    sigset_t pipe{};
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (!stop.stop_requested()) {
      if (SSL_key_update(c.server(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
          SSL_do_handshake(c.server()) != 1) {
        return;
      }
    }
  });
  Turn turn(c.session);
  std::array<char, 1> buffer{};
  for (int i = 0; i < buffers; ++i) {
    const Turn::Step step = turn.read(buffer);
    REQUIRE(step.bytes == 0);
    REQUIRE(step.wait_for == POLLIN);  // each time it comes back
  }
  flooding.request_stop();
  ::shutdown(c.peer(), SHUT_RDWR);
}

TEST_CASE(
    "a session that was freed, by whomever, is no connection any more, and tells how it ended") {
  Connected c;
  take_tickets(c);
  ::shutdown(c.peer(), SHUT_WR);
  std::array<char, 1> buffer{};
  Turn(c.session).read(buffer);
  CHECK(c.session.connected());
  c.free_client();
  CHECK_FALSE(c.session.connected());
  CHECK(c.session.last_end().shook_hands);
  CHECK(c.session.last_end().cut);
  CHECK(c.session.last_end().system_error == 0);
  CHECK(c.session.last_end().verify_result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}
