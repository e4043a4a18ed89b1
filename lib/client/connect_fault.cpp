#include "client/connect_fault.hpp"

#include <openssl/x509.h>

#include <cerrno>

#include "core/quote.hpp"

namespace leasehold::detail {

Cause cause_of(Interruption by) noexcept {
  switch (by) {
    case Interruption::none:
      return Cause::none;
    case Interruption::deadline:
      return Cause::deadline;
    case Interruption::stop:
      return Cause::stopped;
    case Interruption::closed:
      return Cause::closed;
  }
  return Cause::none;
}

Fault connect_fault(const FailedAttempt& attempt) {
  const ConnectionEnd& end = attempt.end;
  const bool handshake = attempt.made_socket && attempt.began_handshake;
  Fault fault{.phase = handshake ? Phase::handshake : Phase::connect,
              .cause = cause_of(attempt.by)};
  if (fault.cause != Cause::none) return fault;

  if (!attempt.made_socket) {  // the address is one, so that nothing else can be wrong
    fault.cause = Cause::out_of_resources;
  } else if (!attempt.began_handshake) {
    fault.cause = Cause::connect_failed;
    if (attempt.probed == Probed::connect_timed_out) fault.system_error = ETIMEDOUT;
    fault.detail = attempt.address;
  } else if (attempt.verifies && end.verify_result != X509_V_OK) {
    fault.cause = Cause::certificate_refused;
    fault.detail = X509_verify_cert_error_string(end.verify_result);
  } else if (end.system_error != 0) {
    fault.cause = cause_of({.kind = StreamEnd::Kind::broken, .system_error = end.system_error});
    fault.system_error = end.system_error;
  } else if (end.alert != nullptr) {
    fault.cause = Cause::tls_failed;
    fault.detail = std::string("the server's alert: ") + end.alert;
  } else if (end.cut) {
    fault.cause = Cause::peer_closed;
  } else if (end.tls_error != 0) {
    fault.cause = Cause::tls_failed;
    fault.tls_error = end.tls_error;
    fault.detail = words_of(end.tls_error);
  } else if (attempt.probed == Probed::answered) {
    fault.cause = Cause::peer_closed;
    fault.detail = "after it had answered client.probe " + quoted(attempt.probe) +
                   "; choose one after which it keeps the connection";
  } else if (attempt.took_all_time || !end.shook_hands) {
    fault.cause = Cause::connection_broken;
    fault.system_error = ETIMEDOUT;
  } else {
    fault.cause = Cause::malformed_response;
    fault.detail = "to client.probe " + quoted(attempt.probe);
  }
  return fault;
}

}  // namespace leasehold::detail
