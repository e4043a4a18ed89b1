#include "support/nginx.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "paper/server/certificate_authority.hpp"
#include "support/loopback_socket.hpp"

namespace leasehold::test {
namespace {

struct Launch {
  char* const* arguments;
  char* const* environment;
  int listener;
  pid_t parent;
};

// In the child, where only calls that are safe in a signal handler may be made.
[[noreturn]] void run(const Launch& launch) {
  sigset_t none;
  sigemptyset(&none);
  const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && ::getppid() == launch.parent &&
                     ::setpgid(0, 0) == 0 &&  // Ctrl-C is for the parent, which then ends nginx
                     ::fcntl(launch.listener, F_SETFD, 0) == 0 &&
                     ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
  if (ready) ::execve(launch.arguments[0], launch.arguments, launch.environment);
  ::_exit(127);
}

std::string config_of(const Nginx::Setup& setup, const TemporaryFolder& folder,
                      const std::string& place) {
  std::string config = setup.everyone + "\ndaemon off; worker_processes " +
                       std::to_string(setup.workers) + "; pid " + folder.path("pid") +
                       "; error_log " + folder.path("error.log") +
                       ";\nevents { worker_connections 512; }\nhttp {\n  access_log off;\n";
  for (const char* const path : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    config += "  " + std::string(path) + "_temp_path " + folder.path(path) + ";\n";
  }
  return config + "  keepalive_timeout 1h;\n  client_header_timeout 1h;\n  server {\n    listen " +
         place + " ssl;\n    ssl_certificate " + folder.path("server.pem") +
         ";\n    ssl_certificate_key " + folder.path("server.pem") + ";\n    " + setup.server +
         "\n  }\n}\n";
}

}  // namespace

Nginx::Nginx(const Setup& setup) {
  write_certificates();
  // The port is this process's from the first: nginx gets the socket that listens already, as it
  // would from an older nginx. (Without a master process, version 1.22 crashes on that.) Who
  // connects before it is ready waits.
  const LoopbackSocket listener;
  listener.listen(SOMAXCONN);
  origin_ = listener.origin();
  folder_.write("nginx.conf", config_of(setup, folder_, listener.place()));
  start(setup.program, listener.descriptor());
}

Nginx::~Nginx() {
  ::kill(child_, SIGTERM);
  ::waitpid(child_, nullptr, 0);
}

void Nginx::write_certificates() const {
  const paper::detail::CertificateAuthority authority;
  folder_.write("ca.pem", authority.pem());
  const paper::detail::Identity server = authority.issue({"localhost"}, {"127.0.0.1"});
  std::FILE* const file = std::fopen(folder_.path("server.pem").c_str(), "we");
  if (file == nullptr) throw std::runtime_error("cannot write server.pem");
  PEM_write_X509(file, server.certificate.get());
  PEM_write_PrivateKey(file, server.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

void Nginx::start(const std::string& program, int listener) {
  std::array<std::string, 5> words{program, "-c", folder_.path("nginx.conf"), "-e", "/dev/null"};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::string inherited = "NGINX=" + std::to_string(listener) + ";";
  const std::array<char*, 2> environment{inherited.data(), nullptr};
  const Launch launch{.arguments = arguments.data(),
                      .environment = environment.data(),
                      .listener = listener,
                      .parent = ::getpid()};
  child_ = ::fork();
  if (child_ == 0) run(launch);
  if (child_ < 0) throw std::system_error(errno, std::generic_category(), "cannot start nginx");
}

}  // namespace leasehold::test
