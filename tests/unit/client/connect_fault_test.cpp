// Of an attempt to connect that failed, the most telling thing that is known is its cause.
#include "client/connect_fault.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <string>

#include "core/classification.hpp"

using namespace leasehold;
using namespace leasehold::detail;

namespace {

Fault handshake(const ConnectionEnd& end, Probed probed = Probed::failed) {
  return connect_fault(
      {.address = "192.0.2.1", .probed = probed, .began_handshake = true, .end = end});
}

}  // namespace

TEST_CASE("whoever interrupted an attempt is its cause, whatever else is known") {
  struct Row {
    Interruption by;
    Cause cause;
  };
  for (const Row& row :
       {Row{Interruption::deadline, Cause::deadline}, Row{Interruption::stop, Cause::stopped},
        Row{Interruption::closed, Cause::closed}}) {
    for (const bool began : {false, true}) {
      const Fault fault = connect_fault(
          {.address = "192.0.2.1",
           .by = row.by,
           .made_socket = began,
           .began_handshake = began,
           .end = {.verify_result = X509_V_ERR_CERT_HAS_EXPIRED, .system_error = ECONNRESET}});
      CHECK(fault.cause == row.cause);
      CHECK(fault.phase == (began ? Phase::handshake : Phase::connect));
      CHECK(fate_of(fault.phase, true) == Fate::not_sent);
    }
  }
}

TEST_CASE("each failure has the sentence that an operator needs") {
  CHECK(connect_fault({.address = "192.0.2.1"}).sentence() ==
        "connect: no TCP connection (192.0.2.1)");
  CHECK(connect_fault({.address = "192.0.2.1", .probed = Probed::connect_timed_out}).sentence() ==
        "connect: no TCP connection (192.0.2.1: Connection timed out)");
  CHECK(connect_fault({.address = "192.0.2.1", .made_socket = false}).sentence() ==
        "connect: memory, threads or file descriptors ran out");
  CHECK(handshake({.verify_result = X509_V_ERR_CERT_HAS_EXPIRED}).sentence() ==
        "handshake: the server's certificate is not to be trusted (certificate has expired)");
  CHECK(handshake({.system_error = ECONNRESET}).sentence() ==
        "handshake: the connection broke (Connection reset by peer)");
  CHECK(handshake({.alert = "protocol version"}).sentence() ==
        "handshake: TLS broke off (the server's alert: protocol version)");
  CHECK(handshake({.cut = true}).sentence() == "handshake: the server ended the connection");
  CHECK(handshake({}).sentence() == "handshake: the connection broke (Connection timed out)");
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);  // done by whoever makes a client
  const Fault plain =
      handshake({.tls_error = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER)});
  CHECK(plain.tls_error != 0);
  CHECK(plain.sentence() == "handshake: TLS broke off (wrong version number)");
}

TEST_CASE("a connection that the probe did not prove is none") {
  CHECK(handshake({.shook_hands = true}, Probed::answered).sentence() ==
        "handshake: the server ended the connection (after it had answered client.probe "
        "\"\"; choose one after which it keeps the connection)");
  CHECK(handshake({.shook_hands = true}).sentence() ==
        "handshake: what came is not an HTTP response (to client.probe \"\")");
  CHECK(connect_fault({.address = "192.0.2.1",
                       .took_all_time = true,
                       .began_handshake = true,
                       .end = {.shook_hands = true}})
            .cause == Cause::connection_broken);
}

TEST_CASE("where certificates are not verified none is refused") {
  CHECK(connect_fault({.address = "192.0.2.1",
                       .began_handshake = true,
                       .verifies = false,
                       .end = {.verify_result = X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, .cut = true}})
            .cause == Cause::peer_closed);
}
