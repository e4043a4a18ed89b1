// Origins: what is taken apart into which host and port, and what is refused for which reason.
#include "core/origin.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/quote.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;
using leasehold::detail::HostKind;
using leasehold::detail::parse_origin;

TEST_CASE("an origin is a host and a port, 443 if none is given") {
  const std::string label_of_63(63, 'a');
  const std::string name_of_253 =
      label_of_63 + '.' + label_of_63 + '.' + label_of_63 + '.' + std::string(61, 'b');
  const struct {
    std::string text;
    std::string host;
    int port;
    HostKind kind = HostKind::name;
  } rows[] = {
      {"https://api.alpaca.markets", "api.alpaca.markets", 443},
      {"https://api.alpaca.markets/", "api.alpaca.markets", 443},
      {"https://api.alpaca.markets:443", "api.alpaca.markets", 443},
      {"https://localhost:1", "localhost", 1},
      {"https://localhost:65535/", "localhost", 65535},
      {"HTTPS://API.Alpaca.Markets", "api.alpaca.markets", 443},
      {"https://mock_exchange:8443", "mock_exchange", 8443},
      {"https://3com.example", "3com.example", 443},
      {"https://xn--bcher-kva.example", "xn--bcher-kva.example", 443},
      {"https://127.0.0.1:8443", "127.0.0.1", 8443, HostKind::ipv4},
      {"https://[::1]", "::1", 443, HostKind::ipv6},
      {"https://[::1]:8443/", "::1", 8443, HostKind::ipv6},
      {"https://[2001:DB8::A]:1", "2001:db8::a", 1, HostKind::ipv6},
      {"https://[::ffff:10.0.0.1]", "::ffff:10.0.0.1", 443, HostKind::ipv6},
      {"https://" + name_of_253, name_of_253, 443},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const detail::Origin origin = parse_origin(row.text);
    CHECK(origin.host == row.host);
    CHECK(origin.port == row.port);
    CHECK(origin.kind == row.kind);
    CHECK(detail::origin_problem(row.text) == "");
  }
}

TEST_CASE("what is not an origin is refused with what is wrong about it") {
  constexpr auto scheme = R"("https://host" or "https://host:port")";
  constexpr auto host = "a DNS name or an IP address as the host";
  constexpr auto path = R"(nothing after host and port but one "/")";
  constexpr auto port = "a port from 1 to 65535";
  constexpr auto brackets = R"(an IPv6 address in brackets, as in "https://[::1]")";
  constexpr auto ipv6 = "an IPv6 address, without a zone, in the brackets";
  const struct {
    std::string text;
    std::string expected;
  } rows[] = {
      {"", scheme},
      {"https:/", scheme},
      {"http://a.example", scheme},
      {"a.example", scheme},
      {"a.example:443", scheme},
      {" https://a.example", scheme},
      {"wss://a.example", scheme},
      {"https://", R"(a host after "https://")"},
      {"https:///", R"(a host after "https://")"},
      {"https://:443", R"(a host after "https://")"},
      {"https://a.example/v2", path},
      {"https://a.example//", path},
      {"https://a.example?", path},
      {"https://a.example/#", path},
      {"https://a.example:443/v2", path},
      {"https://a b.example", host},
      {"https://a.example ", host},
      {"https://a.example\n", host},
      {"https://a.example\\", host},
      {"https://a..example", host},
      {"https://.example", host},
      {"https://a.example.", host},
      {"https://-a.example", host},
      {"https://a-.example", host},
      {"https://b\xc3\xbc"
       "cher.example",
       host},
      {"https://a%2eexample", host},
      {"https://*.example", host},
      {std::string("https://a\0b", 11), host},
      {"https://" + std::string(64, 'a'), host},
      {"https://" + std::string(63, 'a') + '.' + std::string(63, 'a') + '.' + std::string(63, 'a') +
           '.' + std::string(62, 'a'),
       host},
      {"https://10.1", host},
      {"https://10.0.0.256", host},
      {"https://2130706433", host},
      {"https://a.1", host},
      {"https://a.example:", port},
      {"https://a.example:0", port},
      {"https://a.example:65536", port},
      {"https://a.example:99999999999999999999", port},
      {"https://a.example:-1", port},
      {"https://a.example:+1", port},
      {"https://a.example: 1", port},
      {"https://a.example:1 ", port},
      {"https://a.example:https", port},
      {"https://[::1]:", port},
      {"https://[::1]:0", port},
      {"https://::1", brackets},
      {"https://::", brackets},
      {"https://::1/", brackets},
      {"https://2001:db8::1", brackets},
      {"https://a.example:1:2", brackets},
      {"https://[::1", R"(a "]" after the address)"},
      {"https://[]", ipv6},
      {"https://[127.0.0.1]", ipv6},
      {"https://[a.example]", ipv6},
      {"https://[::1%lo]", ipv6},
      {"https://[1:2:3:4:5:6:7:8:9]", ipv6},
      {std::string("https://[::1\0]", 14), ipv6},
      {"https://[::1]8443", R"(":port" or nothing after the "]")"},
      {"https://[::1]]", R"(":port" or nothing after the "]")"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const SettingsError error = refused_setting([&row] { parse_origin(row.text); });
    CHECK(error.field() == "client.origin");
    CHECK(error.value() == detail::without_credentials(row.text));
    CHECK(error.expected() == row.expected);
    CHECK(detail::origin_problem(row.text) == row.expected);
  }
}

TEST_CASE("a password in an origin is what is wrong with it") {
  for (const char* text : {"https://user:secret@a.example", "https://secret@[::1]:1",
                           "https://@a.example", "https://user:sec@ret@a.example"}) {
    CAPTURE(text);
    CHECK(detail::origin_problem(text) == "no user name or password");
  }
}
