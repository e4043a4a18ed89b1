// How a client connects: alike on every version of cpp-httplib. This program's getaddrinfo() and
// connect() take the place of the C library's, so that a name has the addresses that a test wants,
// and no attempt goes unseen.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>
#include <semaphore>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/certificates.hpp"
#include "support/exchange_requests.hpp"
#include "support/full_backlog.hpp"
#include "support/hostile_server.hpp"
#include "support/loopback_socket.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_server.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kName = "venue.example";
// Nobody says what it stands for, until the test does.
constexpr const char* kUnanswered = "unanswered.example";

// A call of connect().
struct Attempt {
  int socket = -1;
  bool tcp = false;              // to an address; else the socket was not one for it
  unsigned user_timeout_ms = 0;  // of the socket, when connecting began
};

struct Place {
  Place(std::uint16_t at) : port(at) {}  // NOLINT: of 127.0.0.1
  Place(const char* host, std::uint16_t at) : address(host), port(at) {}

  const char* address = "127.0.0.1";
  std::uint16_t port;
};

// What the replaced functions do and have seen.
struct Network {
  std::mutex mutex;
  std::vector<Place> places;  // in order: what kName stands for
  std::size_t look_ups = 0;   // of it
  std::vector<Attempt> attempts;
  std::optional<std::uint16_t> instead_of_443;
  std::binary_semaphore answered{0};  // kUnanswered, after all

  void name(std::vector<Place> at) {
    const std::lock_guard lock(mutex);
    places = std::move(at);
    look_ups = 0;
  }
  void answer_443_at(std::uint16_t port) {
    const std::lock_guard lock(mutex);
    instead_of_443 = port;
  }
  // Those since the last call.
  std::vector<Attempt> take_attempts() {
    const std::lock_guard lock(mutex);
    return std::exchange(attempts, {});
  }
};

Network& network() {
  static Network the_one;
  return the_one;
}

unsigned user_timeout(int socket) {
  unsigned milliseconds = 0;
  socklen_t size = sizeof milliseconds;
  ::getsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size);
  return milliseconds;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  static auto* const real =
      next<int(const char*, const char*, const addrinfo*, addrinfo**)>("getaddrinfo");
  if (node != nullptr && std::string_view(node) == kUnanswered) {
    network().answered.acquire();
    return EAI_NONAME;
  }
  if (node == nullptr || std::string_view(node) != kName) {
    return real(node, service, hints, result);
  }
  addrinfo** end = result;
  const std::lock_guard lock(network().mutex);
  ++network().look_ups;
  for (const Place& place : network().places) {
    // A list that freeaddrinfo() takes apart, link by link.
    if (real(place.address, std::to_string(place.port).c_str(), hints, end) != 0) return EAI_FAIL;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return 0;
}

extern "C" int connect(int socket, const sockaddr* address, socklen_t size) {
  static auto* const real = next<int(int, const sockaddr*, socklen_t)>("connect");
  int family = 0;
  socklen_t family_size = sizeof family;
  ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &family_size);
  sockaddr_storage to{};
  std::copy_n(reinterpret_cast<const char*>(address), size, reinterpret_cast<char*>(&to));
  {
    const std::lock_guard lock(network().mutex);
    network().attempts.push_back({.socket = socket,
                                  .tcp = family == address->sa_family,
                                  .user_timeout_ms = user_timeout(socket)});
    // The port stands in the same place for both families.
    auto& port = reinterpret_cast<sockaddr_in&>(to).sin_port;
    if (network().instead_of_443 && port == htons(443)) port = htons(*network().instead_of_443);
  }
  return real(socket, reinterpret_cast<const sockaddr*>(&to), size);
}

namespace {

// An address that answers nothing.
class BlackHole {
 public:
  BlackHole() { network().take_attempts(); }
  std::uint16_t port() const { return backlog_.port(); }

 private:
  FullBacklog backlog_;
};

std::uint16_t port_of(const LoopbackSocket& socket) { return ntohs(socket.address().sin_port); }

// A server, and settings that trust it. Its certificate names no address but its own: with an IPv6
// one, cpp-httplib 0.11 reads beyond the end of a shorter one.
struct Served {
  explicit Served(const std::string& address = "127.0.0.1", const std::string& hosts = {})
      : server(make_server(root,
                           {.hosts = hosts.empty() ? "IP:" + address + ",DNS:localhost" : hosts}),
               {}, {.address = address}),
        ca_file(folder.write("root.pem", root.pem())) {}

  ClientSettings client(const std::string& origin) const {
    return patient_client({.origin = origin, .ca_file = ca_file});
  }

  Certified root = make_root("root");
  TlsServer server;
  TemporaryFolder folder;
  std::string ca_file;
};

bool has_ipv6() {
  const detail::UniqueFd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_addr = in6addr_loopback;
  const bool found = socket.get() >= 0 &&
                     ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
  if (!found) MESSAGE("not tried: the loopback has no IPv6 address here");
  return found;
}

// All values of the Host header in a request's head.
std::vector<std::string> hosts_in(const std::string& head) {
  std::vector<std::string> found;
  const std::string field = "\r\nHost: ";
  for (std::size_t at = 0; (at = head.find(field, at)) != std::string::npos; at += field.size()) {
    const std::size_t begin = at + field.size();
    found.push_back(head.substr(begin, head.find("\r\n", begin) - begin));
  }
  return found;
}

using Strings = std::vector<std::string>;

// The Host that a server at `address` is told by who was given `host` as the origin's.
Strings host_told(const std::string& address, const std::string& host,
                  const httplib::Headers& own = {}) {
  const Served served(address);
  ClientPool pool(served.client("https://" + host + ":" + std::to_string(served.server.port())),
                  {.size = 1});
  ClientLease lease = pool.acquire();
  REQUIRE(lease->Get("/", own));
  REQUIRE(served.server.heads().size() == 1);
  Strings hosts = hosts_in(served.server.heads()[0]);
  const std::string port = ":" + std::to_string(served.server.port());
  for (std::string& each : hosts) {
    if (each.ends_with(port)) each.replace(each.size() - port.size(), port.size(), ":port");
  }
  return hosts;
}

}  // namespace

TEST_CASE("the Host header is the origin's host and port, an IPv6 address in brackets") {
  CHECK(host_told("127.0.0.1", "localhost") == Strings{"localhost:port"});
  CHECK(host_told("127.0.0.1", "127.0.0.1") == Strings{"127.0.0.1:port"});
  if (has_ipv6()) CHECK(host_told("::1", "[::1]") == Strings{"[::1]:port"});
}

TEST_CASE("the Host header of who calls takes the place of the client's") {
  const httplib::Headers own{{"Host", "venue.example"}};
  CHECK(host_told("127.0.0.1", "localhost", own) == Strings{"venue.example"});
  if (has_ipv6()) CHECK(host_told("::1", "[::1]", own) == Strings{"venue.example"});
}

TEST_CASE("the Host header has no port where it is 443") {
  const auto told = [](const std::string& address, const std::string& origin) {
    const Served served(address);
    network().answer_443_at(served.server.port());
    ClientPool pool(served.client(origin), {.size = 1});
    ClientLease lease = pool.acquire();
    REQUIRE(lease->Get("/"));
    return hosts_in(served.server.heads().at(0));
  };
  CHECK(told("127.0.0.1", "https://127.0.0.1") == Strings{"127.0.0.1"});
  if (has_ipv6()) CHECK(told("::1", "https://[::1]") == Strings{"[::1]"});
}

TEST_CASE("a server is told its name, and no name where the origin is an address") {
  const Served served;
  const auto port = ":" + std::to_string(served.server.port());
  for (const char* host : {"localhost", "127.0.0.1"}) {
    ClientPool pool(served.client("https://" + std::string(host) + port), {.size = 1});
    ClientLease lease = pool.acquire();
    CHECK(lease->Get("/"));
  }
  CHECK(served.server.names() == Strings{"localhost", ""});
  if (!has_ipv6()) return;
  const Served six("::1");
  ClientPool pool(six.client(six.server.origin()), {.size = 1});
  ClientLease lease = pool.acquire();
  CHECK(lease->Get("/"));
  CHECK(six.server.names() == Strings{""});
}

TEST_CASE("all addresses of a name share one connect timeout, and each request has its own") {
  const BlackHole first;
  const BlackHole second;
  const BlackHole third;
  network().name({first.port(), second.port(), third.port()});
  ClientSettings client = patient_client({.origin = "https://venue.example"});
  client.connect_timeout = 20ms;
  ClientPool pool(client, {.size = 1});
  ClientLease lease = pool.acquire();
  for (int request = 0; request < 3; ++request) {
    network().take_attempts();
    CHECK_FALSE(lease->Get("/"));
    const auto attempts = network().take_attempts();
    REQUIRE_FALSE(attempts.empty());
    // The first had the whole time, and used it up.
    CHECK(attempts[0].tcp);
    CHECK(attempts[0].user_timeout_ms == 0);
    for (std::size_t i = 1; i < attempts.size(); ++i) CHECK_FALSE(attempts[i].tcp);
  }
}

TEST_CASE("an address that refuses leaves the rest of the time to the next") {
  const LoopbackSocket refusing;  // does not listen
  const Served served("127.0.0.1", "DNS:venue.example");
  network().name({port_of(refusing), port_of(refusing), served.server.port()});
  network().take_attempts();
  ClientPool pool(served.client("https://venue.example"), {.size = 1});
  ClientLease lease = pool.acquire();
  std::vector<Attempt> attempts;
  unsigned once_connected = 1;
  const auto answer = lease->Get(
      "/",
      [&](const httplib::Response&) {
        attempts = network().take_attempts();
        once_connected = user_timeout(attempts.at(2).socket);
        return true;
      },
      [](const char*, std::size_t) { return true; });
  CHECK(answer);
  REQUIRE(attempts.size() == 3);
  CHECK(attempts[0].user_timeout_ms == 0);
  for (const std::size_t i : {1U, 2U}) {
    CHECK(attempts[i].tcp);
    CHECK(attempts[i].user_timeout_ms > 0);
    CHECK(attempts[i].user_timeout_ms <= 3'600'000);
  }
  // A connection that was made may be silent for as long as before.
  CHECK(once_connected == 0);
}

TEST_CASE("the request timeout bounds connecting, if it is the shorter one") {
  const BlackHole hole;
  network().name({hole.port()});
  ClientSettings client = patient_client({.origin = "https://venue.example"});
  client.request_timeout = 20ms;  // to connect, it would have an hour
  ClientPool pool(client, {.size = 1});
  ClientLease lease = pool.acquire();
  CHECK_FALSE(lease->Get("/"));
}

TEST_CASE("a name that nobody resolves holds a request no longer than its deadline, or its stop") {
  ClientPool pool(patient_client({.origin = std::string("https://") + kUnanswered}),
                  patient_pool({.size = 2}));
  const Outcome late = pool.send({}, std::chrono::steady_clock::now() + 50ms);
  CHECK(late.sentence() == "not sent: connect: the deadline passed");

  std::stop_source stop;
  auto waiting = std::async(std::launch::async, [&] {
    return pool.send({}, Deadline::never(), {.stop = stop.get_token()}).sentence();
  });
  stop.request_stop();
  CHECK(waiting.get().ends_with("the caller's stop was requested"));

  auto closed = std::async(std::launch::async,
                           [&] { return pool.send({}, Deadline::never()).fault().cause; });
  pool.close(std::chrono::steady_clock::now());
  CHECK(closed.get() == Cause::closed);
  network().answered.release();  // the one look-up that all of them had
}

TEST_CASE("send looks a name up once, and connects to the address at which somebody answers") {
  HostileServer server({.play = [](Conversation& c) { c.carry_on(); }});
  network().name({{"127.0.0.2", server.port()}, {"127.0.0.1", server.port()}});
  ClientSettings client = server.client();
  client.origin = std::string("https://") + kName + ":" + std::to_string(server.port());
  client.verify = false;  // the server is certified for its address
  ClientPool pool(client, patient_pool({.size = 2}));
  network().take_attempts();
  const ClientLease first = pool.acquire();
  ClientLease second = pool.acquire();
  const Deadline deadline = Deadline::never();
  const Request order{.method = Method::post, .body = "{\"client_order_id\":\"a\"}"};
  CHECK(second.send(order, deadline).fate() == Fate::answered);
  CHECK(network().take_attempts().size() == 2);
  CHECK(network().look_ups == 1);
  CHECK(pool.try_acquire().refusal().reason == RefusalReason::none_idle);
}

TEST_CASE("nobody at any address is told by the last, and asked for anew by the next request") {
  const LoopbackSocket nobody;
  network().name({{"127.0.0.2", port_of(nobody)}, {"127.0.0.1", port_of(nobody)}});
  ClientPool pool(patient_client({.origin = std::string("https://") + kName + ":" +
                                            std::to_string(port_of(nobody))}),
                  patient_pool({.size = 1}));
  for (std::size_t request = 1; request <= 2; ++request) {
    CHECK(pool.send({}, Deadline::never()).sentence() ==
          "not sent: connect: no TCP connection (" + nobody.place() + ")");
    await([&] {
      const std::lock_guard lock(network().mutex);
      return network().look_ups == request;
    });
  }
}

TEST_CASE("an address at which nobody answers holds a request no longer than its deadline") {
  const BlackHole nobody;
  ClientPool pool(patient_client({.origin = "https://127.0.0.1:" + std::to_string(nobody.port())}),
                  patient_pool({.size = 1}));
  CHECK(pool.send({}, std::chrono::steady_clock::now() + 50ms).sentence() ==
        "not sent: connect: the deadline passed");
}

TEST_CASE("a handshake that drips holds a request no longer than its deadline") {
  LoopbackSocket listener;
  listener.listen(1);
  std::jthread dripping([&](const std::stop_token& stop) {
    const detail::UniqueFd peer(::accept(listener.descriptor(), nullptr, nullptr));
    // A record of 16 KiB, a byte at a time. Each begins cpp-httplib's wait anew.
    std::string_view rest("\x16\x03\x03\x40\x00\x02", 6);
    while (!stop.stop_requested() && ::send(peer.get(), rest.data(), 1, MSG_NOSIGNAL) == 1) {
      if (rest.size() > 1) rest.remove_prefix(1);
      pollfd none{.fd = peer.get(), .events = POLLRDHUP, .revents = 0};
      if (::poll(&none, 1, 10) == 1) return;  // the client has gone
    }
  });
  ClientPool pool(patient_client({.origin = listener.origin()}), patient_pool({.size = 1}));
  CHECK(pool.send({}, std::chrono::steady_clock::now() + 200ms).sentence() ==
        "not sent: handshake: the deadline passed");
}
