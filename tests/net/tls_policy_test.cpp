// The machine's own TLS policy (openssl.cnf) and client.min_tls: whichever is stricter holds.
// OpenSSL reads its configuration once, so each case is a process of its own.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"
#include "support/certificates.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_server.hpp"

using namespace leasehold;
using namespace leasehold::test;

namespace {

// As the status that a process ends with.
enum Ended : int { answered = 10, no_handshake, setting_refused, something_else };

// What comes of a request to a server that speaks up to `newest`.
Ended request(const TemporaryFolder& folder, TlsVersion min_tls, int newest) {
  const Certified root = make_root("root");
  const Certified leaf = make_server(root);
  const TlsServer server(leaf, {}, {.newest = newest});
  ClientSettings client =
      patient_client({.origin = server.origin(), .ca_file = folder.write("root.pem", root.pem())});
  client.min_tls = min_tls;
  try {
    ClientPool pool(client, {.size = 1});
    ClientLease lease = pool.acquire();
    const auto answer = lease->Get("/");
    if (answer) return answer->status == 200 ? answered : something_else;
    return answer.error() == httplib::Error::SSLConnection ? no_handshake : something_else;
  } catch (const SettingsError& error) {
    return error.field() == "client.min_tls" ? setting_refused : something_else;
  }
}

// What the other process is asked by, in its environment.
constexpr const char* kMinTls = "TLS_POLICY_TEST_MIN_TLS";
constexpr const char* kNewest = "TLS_POLICY_TEST_NEWEST";
constexpr const char* kCase = "a request under the policy";

// The outcome of request() where openssl.cnf says `policy`: in this program run anew, for
// cpp-httplib may have read it before main().
int request_under(const std::string& policy, TlsVersion min_tls, int newest) {
  const TemporaryFolder folder;
  const auto configuration = folder.write("openssl.cnf",
                                          "openssl_conf = modules\n[modules]\nssl_conf = ssl\n"
                                          "[ssl]\nsystem_default = policy\n[policy]\n" +
                                              policy + "\n");
  const std::string only = std::string("--test-case=") + kCase;
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("OPENSSL_CONF", configuration.c_str(), 1);
    ::setenv(kMinTls, min_tls == TlsVersion::tls1_3 ? "1.3" : "1.2", 1);
    ::setenv(kNewest, std::to_string(newest).c_str(), 1);
    ::execl("/proc/self/exe", "tls_policy_test", "--no-skip", only.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a request under the policy" * doctest::skip()) {
  const char* const min_tls = std::getenv(kMinTls);
  const char* const newest = std::getenv(kNewest);
  if (min_tls == nullptr || newest == nullptr) return;  // run by hand
  const TemporaryFolder folder;
  const bool only_1_3 = min_tls == std::string("1.3");
  const Ended outcome =
      request(folder, only_1_3 ? TlsVersion::tls1_3 : TlsVersion::tls1_2, std::stoi(newest));
  std::filesystem::remove_all(folder.path(""));
  ::_exit(outcome);  // without doctest's own
}

TEST_CASE("without a policy, the oldest version is the setting's") {
  CHECK(request_under("", TlsVersion::tls1_2, TLS1_2_VERSION) == answered);
  CHECK(request_under("", TlsVersion::tls1_3, TLS1_2_VERSION) == no_handshake);
  CHECK(request_under("", TlsVersion::tls1_3, TLS1_3_VERSION) == answered);
}

TEST_CASE("a policy that is stricter than the setting is not lowered") {
  const std::string strict = "MinProtocol = TLSv1.3";
  CHECK(request_under(strict, TlsVersion::tls1_2, TLS1_2_VERSION) == no_handshake);
  CHECK(request_under(strict, TlsVersion::tls1_2, TLS1_3_VERSION) == answered);
}

TEST_CASE("a policy that is laxer than the setting changes nothing") {
  const std::string lax = "MinProtocol = TLSv1";
  CHECK(request_under(lax, TlsVersion::tls1_2, TLS1_2_VERSION) == answered);
  CHECK(request_under(lax, TlsVersion::tls1_3, TLS1_2_VERSION) == no_handshake);
}

TEST_CASE("a setting that the policy leaves no version for is refused when the pool is made") {
  const std::string old = "MaxProtocol = TLSv1.2";
  CHECK(request_under(old, TlsVersion::tls1_3, TLS1_3_VERSION) == setting_refused);
  CHECK(request_under(old, TlsVersion::tls1_2, TLS1_3_VERSION) == answered);
}
