// Which servers a client believes, given what stands in client.ca_file.
#include <doctest/doctest.h>

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

// root -> intermediate -> what a server shows.
struct Chain {
  Certified root = make_root("root");
  Certified intermediate = make_intermediate(root, "intermediate");
};

// Whether a client that trusts `anchors` alone gets an answer from the server. It is refused for
// the certificate, if it is.
bool believes(const std::string& anchors, const TlsServer& server, const std::string& origin) {
  const TemporaryFolder folder;
  ClientPool pool(
      patient_client({.origin = origin, .ca_file = folder.write("anchors.pem", anchors)}),
      {.size = 1});
  ClientLease lease = pool.acquire();
  const auto before = server.heads().size();
  const auto answer = lease->Get("/");
  if (answer) return answer->status == 200;
  CHECK(answer.error() == httplib::Error::SSLServerVerification);
  CHECK(server.heads().size() == before);
  return false;
}

bool believes(const std::string& anchors, const TlsServer& server) {
  return believes(anchors, server, server.origin());
}

}  // namespace

TEST_CASE("each certificate of a server's chain is an anchor, if it stands in the file") {
  const Chain chain;
  const Certified leaf = make_server(chain.intermediate);
  const TlsServer server(leaf, {&chain.intermediate});
  CHECK(believes(chain.root.pem(), server));
  CHECK(believes(chain.intermediate.pem(), server));
  CHECK(believes(leaf.pem(), server));
  CHECK(believes(make_root("other").pem() + leaf.pem(), server));
  CHECK_FALSE(believes(make_root("other").pem(), server));
}

TEST_CASE("an issuing authority is enough for a server that shows its own certificate only") {
  const Chain chain;
  const Certified leaf = make_server(chain.intermediate);
  const TlsServer server(leaf);
  CHECK(believes(chain.intermediate.pem(), server));
  CHECK_FALSE(believes(chain.root.pem(), server));
}

TEST_CASE("a server's certificate as the anchor makes no other one trusted") {
  const Chain chain;
  const Certified anchor = make_server(chain.intermediate);
  const Certified twin = make_server(chain.intermediate);
  const TlsServer server(twin, {&chain.intermediate});
  CHECK_FALSE(believes(anchor.pem(), server));
  // It is no authority, so what it has signed is worth nothing either.
  const Certified signed_by_it = make_server(anchor);
  const TlsServer deceiver(signed_by_it, {&anchor});
  CHECK_FALSE(believes(anchor.pem(), deceiver));
}

TEST_CASE("an anchor does not vouch for another host, nor after it has expired") {
  const Chain chain;
  const Certified elsewhere =
      make_server(chain.intermediate, {.hosts = "DNS:elsewhere.example,IP:127.0.0.2"});
  const Certified expired = make_server(chain.intermediate, {.days = -1});
  const TlsServer other_host(elsewhere, {&chain.intermediate});
  const TlsServer too_late(expired, {&chain.intermediate});
  for (const Certified* anchor : {&chain.root, &chain.intermediate, &elsewhere}) {
    CHECK_FALSE(believes(anchor->pem(), other_host));
    CHECK_FALSE(believes(anchor->pem(), other_host,
                         "https://localhost:" + std::to_string(other_host.port())));
  }
  for (const Certified* anchor : {&chain.root, &chain.intermediate, &expired}) {
    CHECK_FALSE(believes(anchor->pem(), too_late));
  }
}
