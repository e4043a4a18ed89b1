// Leases against a server that is not ours: nginx with TLS.
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "paper/server/certificate_authority.hpp"
#include "support/loopback_socket.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

// nginx on a free port of the loopback, for as long as it lives.
class Nginx {
 public:
  explicit Nginx(const std::string& server_directives) {
    const paper::detail::CertificateAuthority authority;
    folder_.write("ca.pem", authority.pem());
    write_pem("server.pem", authority.issue({"localhost"}, {"127.0.0.1"}));
    // The port is this process's from the first: nginx gets the socket that listens already, as it
    // would from an older nginx. (Without a master process, version 1.22 crashes on that.) Who
    // connects before it is ready waits.
    listener_.listen(SOMAXCONN);
    start(server_directives);
  }
  ~Nginx() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  ClientSettings client() const {
    return patient_client({.origin = listener_.origin(), .ca_file = folder_.path("ca.pem")});
  }

 private:
  void start(const std::string& server_directives) {
    std::string config = "daemon off; worker_processes 1; pid " + folder_.path("pid") +
                         "; error_log " + folder_.path("error.log") +
                         ";\nevents { worker_connections 512; }\nhttp {\n  access_log off;\n";
    for (const char* const path : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      config += "  " + std::string(path) + "_temp_path " + folder_.path(path) + ";\n";
    }
    config += "  keepalive_timeout 1h;\n  client_header_timeout 1h;\n  server {\n    listen " +
              listener_.place() + " ssl;\n    ssl_certificate " + folder_.path("server.pem") +
              ";\n    ssl_certificate_key " + folder_.path("server.pem") + ";\n    " +
              server_directives + "\n  }\n}\n";
    const std::string path = folder_.write("nginx.conf", config);
    const std::vector<const char*> arguments{LEASEHOLD_NGINX, "-c",   path.c_str(), "-e",
                                             "/dev/null",     nullptr};
    constexpr int kInherited = 3;
    const std::string inherited = "NGINX=" + std::to_string(kInherited) + ";";
    const char* environment[] = {inherited.c_str(), nullptr};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, listener_.descriptor(), kInherited);
    const int error = ::posix_spawn(&child_, LEASEHOLD_NGINX, &files, nullptr,
                                    const_cast<char* const*>(arguments.data()),
                                    const_cast<char* const*>(environment));
    ::posix_spawn_file_actions_destroy(&files);
    if (error != 0) throw std::runtime_error("cannot run " LEASEHOLD_NGINX);
  }

  void write_pem(const std::string& name, const paper::detail::Identity& identity) const {
    std::FILE* const file = std::fopen(folder_.path(name).c_str(), "we");
    if (file == nullptr) throw std::runtime_error("cannot write " + name);
    PEM_write_X509(file, identity.certificate.get());
    PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

  TemporaryFolder folder_;
  LoopbackSocket listener_;
  pid_t child_ = -1;
};

const std::string kBody(150, 'o');

}  // namespace

TEST_CASE("leases on nginx keep their connections and answer every thread") {
  const Nginx nginx("keepalive_requests 100000; location / { return 200 answered; }");
  ClientPool pool(nginx.client(), patient_pool({.size = 4}));
  std::atomic<int> answered{0};
  {
    std::vector<std::jthread> tenants;
    for (int t = 0; t < 12; ++t) {
      tenants.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          ClientLease lease = pool.acquire();
          const auto result = lease->Post("/v2/orders", kBody, "application/json");
          if (result && result->status == 200 && result->body == "answered") ++answered;
        }
      });
    }
  }
  CHECK(answered.load() == 1200);
  CHECK(pool.status().handshakes <= 4);
}

TEST_CASE("a client that nginx tells to close connects again and loses no request") {
  const Nginx nginx("keepalive_requests 5; location / { return 200 answered; }");
  ClientPool pool(nginx.client(), patient_pool({.size = 2}));
  for (int i = 0; i < 50; ++i) {
    ClientLease lease = pool.acquire();
    const auto result = lease->Post("/v2/orders", kBody, "application/json");
    REQUIRE(result.error() == httplib::Error::Success);
    CHECK(result->status == 200);
  }
  CHECK(pool.status().handshakes >= 10);
}

TEST_CASE("nginx's redirect is handed to the caller, not followed") {
  const Nginx nginx("location / { return 307 https://127.0.0.1:1/elsewhere; }");
  ClientPool pool(nginx.client(), {.size = 1});
  ClientLease lease = pool.acquire();
  const auto result = lease->Post("/v2/orders", kBody, "application/json");
  REQUIRE(result.error() == httplib::Error::Success);
  CHECK(result->status == 307);
}

TEST_CASE("answers are asked for, and come, without compression") {
  const Nginx nginx(
      "gzip on; gzip_types text/plain; gzip_min_length 1; location / { return 200 "
      "$http_accept_encoding; }");
  ClientPool pool(nginx.client(), {.size = 1});
  ClientLease lease = pool.acquire();
  const auto result = lease->Get("/");
  REQUIRE(result.error() == httplib::Error::Success);
  CHECK(result->body == "identity");
  CHECK_FALSE(result->has_header("Content-Encoding"));
}
