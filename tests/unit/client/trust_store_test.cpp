// What may stand in client.ca_file, and what is refused before anybody connects.
#include "client/trust_store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "client/certificate_file.hpp"
#include "support/certificates.hpp"
#include "support/refused_setting.hpp"
#include "support/temporary_folder.hpp"

using namespace leasehold;
using namespace leasehold::test;
using detail::read_certificates;
using detail::TrustStore;

namespace {

const TemporaryFolder folder;
const Certified root = make_root("root");

// Why `path` is refused, as the error says in brackets.
std::string refusal(const std::string& path) {
  const SettingsError error = refused_setting([&] { const TrustStore store(path); });
  CHECK(error.field() == "client.ca_file");
  const std::string expected = "a readable PEM file with at least one certificate (";
  REQUIRE(error.expected().starts_with(expected));
  const std::string why = error.expected().substr(expected.size());
  return why.substr(0, why.size() - 1);
}

}  // namespace

TEST_CASE("every certificate of a file is read, whatever stands between them") {
  const Certified other = make_root("other");
  const auto path = folder.write("all.pem", "an authority\n" + root.pem() + root.key_pem() +
                                                root.empty_crl_pem() + other.pem());
  const auto certificates = read_certificates(path);
  REQUIRE(certificates.size() == 2);
  CHECK(X509_cmp(certificates[0].get(), root.certificate.get()) == 0);
  CHECK(X509_cmp(certificates[1].get(), other.certificate.get()) == 0);
}

TEST_CASE("a link to a file is as good as the file, for so they are mounted in containers") {
  folder.write("target.pem", root.pem());
  REQUIRE(::symlink("target.pem", folder.path("link.pem").c_str()) == 0);
  CHECK(read_certificates(folder.path("link.pem")).size() == 1);
}

TEST_CASE("a file without a certificate is refused, and says what is there instead") {
  CHECK(refusal(folder.write("empty.pem", "")) == "no certificate in it");
  CHECK(refusal(folder.write("text.pem", "hello\n")) == "no certificate in it");
  CHECK(refusal(folder.write("crl.pem", root.empty_crl_pem())) ==
        "no certificate in it, but a revocation list");
  CHECK(refusal(folder.write("key.pem", root.key_pem())) ==
        "no certificate in it, but a private key");
}

TEST_CASE("a damaged certificate is refused, also behind a sound one") {
  std::string damaged = root.pem();
  damaged.replace(damaged.find('\n') + 1, 4, "AAAA");
  CHECK(refusal(folder.write("damaged.pem", root.pem() + damaged)).find("error:") == 0);
  const auto cut = root.pem().substr(0, root.pem().size() / 2);
  CHECK(refusal(folder.write("cut.pem", cut)).find("error:") == 0);
}

TEST_CASE("what is no regular file is refused, without waiting for anybody") {
  CHECK(refusal("/no/such/file.pem") == "No such file or directory");
  CHECK(refusal("/") == "Is a directory");
  CHECK(refusal("/dev/zero") == "not a regular file");
  const auto fifo = folder.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(refusal(fifo) == "not a regular file");
}

TEST_CASE("a file is read up to 16 MiB") {
  const auto path = folder.write("long.pem", root.pem());
  const auto most = static_cast<off_t>(detail::kMostCertificateBytes);
  REQUIRE(::truncate(path.c_str(), most) == 0);
  CHECK(read_certificates(path).size() == 1);
  REQUIRE(::truncate(path.c_str(), most + 1) == 0);
  CHECK(refusal(path) == "more than 16 MiB");
}
