#include "client/client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <unistd.h>

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

bool is_ipv6(const std::string& host) { return host.find(':') != std::string::npos; }

bool is_address(const std::string& host) {
  in_addr address;
  return is_ipv6(host) || ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

httplib::Headers default_headers(const Origin& origin) {
  // Versions >= 0.12 offer gzip otherwise, or send the header empty.
  httplib::Headers headers{{"Accept-Encoding", "identity"}};
  // Version 0.11 leaves the brackets out.
  if (is_ipv6(origin.host)) {
    const std::string port = origin.port == 443 ? "" : ":" + std::to_string(origin.port);
    headers.emplace("Host", "[" + origin.host + "]" + port);
  }
  return headers;
}

// The name is checked by OpenSSL, for all versions alike: cpp-httplib's own check accepts a common
// name although the subject alternative names exclude it.
void require_host(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int set = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                                   : X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size());
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

unsigned user_timeout(std::chrono::milliseconds time) {
  return static_cast<unsigned>(time.count());  // an hour at most
}

void give_up_after(int descriptor, unsigned milliseconds) noexcept {
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

// Makes the descriptor one of a socket that connects to no address. False if there is none to spare.
bool part_from_network(int descriptor) noexcept {
  const UniqueFd nowhere(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return nowhere.get() >= 0 && ::dup3(nowhere.get(), descriptor, O_CLOEXEC) >= 0;
}

}  // namespace

ClientBlueprint::ClientBlueprint(ClientSettings from)
    : settings((validate(from), std::move(from))),
      origin(parse_origin(settings.origin)),
      oldest_tls(detail::oldest_tls(settings.min_tls)),
      trust(settings.ca_file) {}

struct Client::TlsHooks {
  static int slot() {
    static const int index = [] {
      const int got = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
      if (got < 0) throw std::bad_alloc();
      return got;
    }();
    return index;
  }

  static void attach(SSL_CTX* context, Client& client) {
    if (SSL_CTX_set_ex_data(context, slot(), &client) != 1) throw std::bad_alloc();
    SSL_CTX_set_info_callback(context, progress);
  }

  // In the thread that connects.
  static void progress(const SSL* ssl, int where, int /*value*/) noexcept {
    auto& client = *static_cast<Client*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), slot()));
    if ((where & SSL_CB_HANDSHAKE_START) != 0 && SSL_in_before(ssl) != 0) {
      client.connecting_ = false;
      if (std::exchange(client.gives_up_early_, false)) give_up_after(SSL_get_fd(ssl), 0);
      // RFC 6066 has no place for addresses there; 0.18 and older versions send them.
      if (is_address(client.blueprint_.origin.host)) {
        SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), nullptr);
      }
      client.handshaking_ = true;
      const std::lock_guard lock(client.wire_mutex_);
      if (client.cut_off_) ::shutdown(SSL_get_fd(ssl), SHUT_RDWR);
    }
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && std::exchange(client.handshaking_, false)) {
      client.handshakes_.fetch_add(1, std::memory_order_relaxed);
    }
  }
};

Client::Client(const ClientBlueprint& blueprint, std::uint32_t number, const Clock& clock)
    : blueprint_(blueprint), number_(number), clock_(clock), http_(build()) {}

// First what calls back while it ends.
Client::~Client() { http_.reset(); }

std::unique_ptr<httplib::SSLClient> Client::build() {
  const ClientSettings& settings = blueprint_.settings;
  const Origin& origin = blueprint_.origin;
  auto http = std::make_unique<httplib::SSLClient>(origin.host, origin.port);
  SSL_CTX* const context = context_of(*http);
  if (context == nullptr) throw std::bad_alloc();

  // Closing never waits for the peer's close_notify (cpp-httplib >= 0.12 would, up to its
  // read timeout).
  SSL_CTX_set_quiet_shutdown(context, 1);
  if (SSL_CTX_set_min_proto_version(context, blueprint_.oldest_tls) != 1) throw std::bad_alloc();
  http->enable_server_certificate_verification(settings.verify);
  use_only(*http, blueprint_.trust.share());
  if (settings.verify) require_host(context, origin.host);
  TlsHooks::attach(context, *this);

  const auto connect_time = std::min(settings.connect_timeout, settings.request_timeout);
  http->set_connection_timeout(connect_time);
  bound_request(*http, settings.request_timeout);
  http->set_tcp_nodelay(settings.tcp_nodelay);
  http->set_keep_alive(settings.keep_alive);
  http->set_follow_location(false);  // the new place would get the credentials
  http->set_compress(false);
  http->set_decompress(false);
  http->set_default_headers(default_headers(origin));
  http->set_socket_options([this, time = ConnectTime(connect_time, clock_)](
                               auto descriptor) mutable { socket_made(descriptor, time.next()); });
  return http;
}

void Client::condemn() noexcept {
  condemned_ = true;
  cut();
}

void Client::rebuild() {
  http_ = build();
  condemned_ = false;
}

void Client::socket_made(int descriptor, std::optional<std::chrono::milliseconds> left) noexcept {
  connecting_ = true;
  const std::lock_guard lock(wire_mutex_);
  wire_.reset();  // the last address's, which the kernel need not try any longer
  // cpp-httplib will wait for the whole connect timeout again.
  gives_up_early_ = left.has_value();
  if (left) {
    if (*left <= left->zero() && part_from_network(descriptor)) return;
    // The kernel looks at it when it repeats itself, for the first time after a second.
    give_up_after(descriptor, user_timeout(std::max(*left, std::chrono::milliseconds(1))));
  }
  // Without a descriptor to spare, none: the connection works, and cannot be cut.
  wire_ = UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  // Not connected yet; it will be as good as closed when it is.
  if (cut_off_) ::shutdown(descriptor, SHUT_RDWR);
}

void Client::forget_socket() noexcept {
  connecting_ = false;
  const std::lock_guard lock(wire_mutex_);
  wire_.reset();
}

void Client::cut() noexcept {
  const std::lock_guard lock(wire_mutex_);
  if (wire_.get() >= 0) ::shutdown(wire_.get(), SHUT_RDWR);
}

void Client::cut_off() noexcept {
  const std::lock_guard lock(wire_mutex_);
  cut_off_ = true;
  if (wire_.get() >= 0) ::shutdown(wire_.get(), SHUT_RDWR);
}

}  // namespace leasehold::detail
