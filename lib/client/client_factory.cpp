#include "client/client_factory.hpp"

#include <httplib.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "client/connect_time.hpp"

namespace leasehold::detail {
namespace {

// What differs between the versions of cpp-httplib, 0.11.4 to 0.53.1.

template <class Http>
SSL_CTX* context_of(Http& http) {
  if constexpr (requires { http.tls_context(); }) {
    return static_cast<SSL_CTX*>(http.tls_context());
  } else {
    return http.ssl_context();
  }
}

template <class Http>
void use_only(Http& http, X509_STORE* store) {
  http.set_ca_cert_store(store);
  http.set_ca_cert_path("", TrustStore::kNoDirectory);
  if constexpr (requires { http.enable_system_ca(false); }) http.enable_system_ca(false);
}

template <class Http>
void bound_request(Http& http, std::chrono::milliseconds whole) {
  http.set_read_timeout(whole);
  http.set_write_timeout(whole);
  if constexpr (requires { http.set_max_timeout(whole); }) http.set_max_timeout(whole);
}

// As the Host header has it.
std::string host_and_port(const Origin& origin) {
  const std::string host = origin.kind == HostKind::ipv6 ? "[" + origin.host + "]" : origin.host;
  return origin.port == 443 ? host : host + ":" + std::to_string(origin.port);
}

httplib::Headers default_headers(const Origin& origin) {
  // Versions >= 0.12 offer gzip otherwise, or send the header empty.
  httplib::Headers headers{{"Accept-Encoding", "identity"}};
  // Version 0.11 leaves the brackets out.
  if (origin.kind == HostKind::ipv6) headers.emplace("Host", host_and_port(origin));
  return headers;
}

// The header lines that each of leasehold's own requests has.
std::string own_lines(const ClientSettings& settings, const Origin& origin) {
  return "Host: " + host_and_port(origin) +
         (settings.keep_alive ? "\r\n" : "\r\nConnection: close\r\n");
}

// The name is checked by OpenSSL, for all versions alike: cpp-httplib's own check accepts a common
// name although the subject alternative names exclude it.
void require_host(SSL_CTX* context, const Origin& origin) {
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const std::string& host = origin.host;
  const int set = origin.kind == HostKind::name
                      ? X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size())
                      : X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str());
  if (set != 1) throw std::bad_alloc();
}

// The setting's, unless the machine's policy (openssl.cnf) is stricter. A context of its own is
// asked for that: cpp-httplib sets a minimum on its contexts, whatever the policy was.
int oldest_tls(TlsVersion wanted) {
  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::bad_alloc();
  const long ours = wanted == TlsVersion::tls1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const long oldest = std::max(ours, SSL_CTX_get_min_proto_version(context.get()));
  const long newest = SSL_CTX_get_max_proto_version(context.get());
  // 0: the newest that OpenSSL has.
  if (newest != 0 && newest < oldest) {
    throw SettingsError("client.min_tls", wanted == TlsVersion::tls1_3 ? "1.3" : "1.2",
                        "a version that OpenSSL's configuration leaves (its MaxProtocol is older)");
  }
  return static_cast<int>(oldest);
}

// --- what OpenSSL tells ---

int connection_slot() {
  static const int index = [] {
    const int got = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    if (got < 0) throw std::bad_alloc();
    return got;
  }();
  return index;
}

// The connection's first handshake, not what TLS 1.3 sends later.
bool begins(const SSL* ssl, int where) noexcept {
  return (where & SSL_CB_HANDSHAKE_START) != 0 && SSL_in_before(ssl) != 0;
}

// In the thread that connects.
void tell(const SSL* ssl, int where, int value) noexcept {
  auto& connection =
      *static_cast<Connection*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), connection_slot()));
  // OpenSSL's signature has the SSL constant; it is the owner's.
  if (begins(ssl, where)) connection.handshake_begins(const_cast<SSL*>(ssl));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) connection.handshake_done(ssl);
  if (where == SSL_CB_CONNECT_EXIT && value <= 0) connection.handshake_paused(ssl);
  if (where == SSL_CB_READ_ALERT) connection.alerted(ssl, value);
}

// RFC 6066 has no place for addresses in the server's name; 0.18 and older versions send them.
void tell_without_name(const SSL* ssl, int where, int value) noexcept {
  if (begins(ssl, where)) SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), nullptr);
  tell(ssl, where, value);
}

}  // namespace

ClientBlueprint::ClientBlueprint(ClientSettings from)
    : settings((validate(from), std::move(from))),
      origin(parse_origin(settings.origin)),
      oldest_tls(detail::oldest_tls(settings.min_tls)),
      trust(settings.ca_file),
      own_lines(detail::own_lines(settings, origin)),
      resolver(origin) {}

void DeleteHttpClient::operator()(httplib::SSLClient* client) const noexcept { delete client; }

HttpClient make_http_client(const ClientBlueprint& blueprint, Connection& connection,
                            const Clock& clock) {
  const ClientSettings& settings = blueprint.settings;
  const Origin& origin = blueprint.origin;
  HttpClient http(new httplib::SSLClient(origin.host, origin.port));
  SSL_CTX* const context = context_of(*http);
  if (context == nullptr) throw std::bad_alloc();

  // Closing never waits for the peer's close_notify (cpp-httplib >= 0.12 would, up to its
  // read timeout).
  SSL_CTX_set_quiet_shutdown(context, 1);
  if (SSL_CTX_set_min_proto_version(context, blueprint.oldest_tls) != 1) throw std::bad_alloc();
  http->enable_server_certificate_verification(settings.verify);
  use_only(*http, blueprint.trust.share());
  if (settings.verify) require_host(context, origin);
  TlsSession::reserve_slot();
  if (SSL_CTX_set_ex_data(context, connection_slot(), &connection) != 1) throw std::bad_alloc();
  SSL_CTX_set_info_callback(context, origin.kind == HostKind::name ? tell : tell_without_name);

  http->set_connection_timeout(connect_time(settings));
  bound_request(*http, settings.request_timeout);
  http->set_tcp_nodelay(settings.tcp_nodelay);
  http->set_keep_alive(settings.keep_alive);
  http->set_follow_location(false);  // the new place would get the credentials
  http->set_compress(false);
  http->set_decompress(false);
  http->set_default_headers(default_headers(origin));
  http->set_socket_options(
      [&connection, time = ConnectTime(connect_time(settings), clock)](auto descriptor) mutable {
        connection.socket_made(descriptor, time.next());
      });
  return http;
}

}  // namespace leasehold::detail
