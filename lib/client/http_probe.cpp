#include "client/http_probe.hpp"

#include <httplib.h>

#include <cstddef>

#include "core/probe.hpp"

namespace leasehold::detail {
namespace {

// What a probe changes of its client, for its time.
class Arranged {
 public:
  Arranged(httplib::SSLClient& http, const HttpProbe& how)
      : http_(http), settings_(how.blueprint.settings) {
    http_.set_keep_alive(true);
    http_.set_connection_timeout(how.connect_time);
    if (how.blueprint.origin.kind == HostKind::name) {
      http_.set_hostname_addr_map({{how.blueprint.origin.host, how.address}});
    }
  }
  ~Arranged() {
    http_.set_hostname_addr_map({});
    http_.set_connection_timeout(connect_time(settings_));
    http_.set_keep_alive(settings_.keep_alive);
  }
  Arranged(const Arranged&) = delete;
  Arranged& operator=(const Arranged&) = delete;

 private:
  httplib::SSLClient& http_;
  const ClientSettings& settings_;
};

}  // namespace

Probed probe(httplib::SSLClient& http, const HttpProbe& how) {
  const Probe wanted = *parse_probe(how.blueprint.settings.probe);
  httplib::Request request;
  request.method = wanted.method;
  request.path = wanted.path;
  // The body is of no interest, and cpp-httplib would keep all of it.
  request.content_receiver = [](const char*, std::size_t, auto...) { return true; };
  const Arranged arranged(http, how);
  const httplib::Result result = http.send(request);
  // cpp-httplib takes interim responses for the answer, which is yet to come then.
  if (result) return result->status >= 200 ? Probed::answered : Probed::failed;
  return result.error() == httplib::Error::ConnectionTimeout ? Probed::connect_timed_out
                                                             : Probed::failed;
}

void disconnect(httplib::SSLClient& http) noexcept {
  try {
    http.stop();
  } catch (...) {  // a mutex of cpp-httplib's that cannot be locked: the connection is cut already
  }
}

}  // namespace leasehold::detail
