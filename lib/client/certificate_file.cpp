#include "client/certificate_file.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "leasehold/settings.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::detail {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw SettingsError("client.ca_file", path,
                      "a readable PEM file with at least one certificate (" + why + ")");
}

[[noreturn]] void refuse_for_errno(const std::string& path) {
  refuse(path, std::generic_category().message(errno));
}

std::string read_whole(const std::string& path) {
  // Opening a FIFO would wait for somebody to write into it, and reading a terminal for a line.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0) refuse_for_errno(path);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) refuse_for_errno(path);
  if (S_ISDIR(about.st_mode)) refuse(path, std::generic_category().message(EISDIR));
  if (!S_ISREG(about.st_mode)) refuse(path, "not a regular file");

  std::string text;
  std::array<char, 65536> part;
  for (;;) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got == 0) return text;
    if (got < 0) {
      if (errno == EINTR) continue;
      refuse_for_errno(path);
    }
    text.append(part.data(), static_cast<std::size_t>(got));
    // Not by its size alone, which a file that grows, or one of the kernel's, need not keep.
    if (text.size() > kMostCertificateBytes) refuse(path, "more than 16 MiB");
  }
}

// For a certificate that is encrypted, which none should be: OpenSSL would ask on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

bool is_reason(unsigned long error, int library, int reason) {
  return ERR_GET_LIB(error) == library && ERR_GET_REASON(error) == reason;
}

// Whether there is something else in the file that somebody took for an authority.
std::string what_is_there(const std::string& text) {
  if (text.find("-----BEGIN X509 CRL-----") != std::string::npos) {
    return "no certificate in it, but a revocation list";
  }
  if (text.find("PRIVATE KEY-----") != std::string::npos) {
    return "no certificate in it, but a private key";
  }
  return "no certificate in it";
}

}  // namespace

std::vector<CertificatePtr> read_certificates(const std::string& path) {
  const std::string text = read_whole(path);
  const BioPtr memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!memory) throw std::bad_alloc();
  std::vector<CertificatePtr> certificates;
  for (;;) {
    ERR_clear_error();
    CertificatePtr next(PEM_read_bio_X509_AUX(memory.get(), nullptr, no_password, nullptr));
    if (next) {
      certificates.push_back(std::move(next));
      continue;
    }
    const unsigned long error = ERR_peek_error();
    if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE) throw std::bad_alloc();
    if (!is_reason(error, ERR_LIB_PEM, PEM_R_NO_START_LINE)) refuse(path, take_openssl_error());
    ERR_clear_error();
    if (certificates.empty()) refuse(path, what_is_there(text));
    return certificates;
  }
}

}  // namespace leasehold::detail
