#include "paper/server/tls_context.hpp"

namespace leasehold::paper::detail {

using leasehold::detail::throw_openssl_error;

TlsContext::TlsContext(const Identity& identity) : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX* const context = context_.get();
  if (context == nullptr || SSL_CTX_use_certificate(context, identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, identity.key.get()) != 1 ||
      SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    throw_openssl_error("set up TLS");
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // one read() a request instead of two (header, record)
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // sessions resume by ticket
}

SslPtr TlsContext::session(int socket) const {
  SslPtr session(SSL_new(context_.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) {
    throw_openssl_error("make a TLS session");
  }
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace leasehold::paper::detail
