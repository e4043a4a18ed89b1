#pragma once

#include <string>

#include "system/openssl.hpp"

namespace leasehold::detail {

// The certificates to trust, parsed once and shared by all clients of a pool.
//
// cpp-httplib would load them again for every client (23 ms and 0.9 MB each for the system's).
// Thread: constant after construction; OpenSSL counts references.
class TrustStore {
 public:
  // The certificates of a PEM file and no others, each an anchor, whether it is a root, an issuing
  // authority or a server's own; an empty path means the system's authorities.
  // Throws SettingsError for field client.ca_file, std::bad_alloc.
  explicit TrustStore(const std::string& ca_file);

  // One more reference, owned by the caller.
  X509_STORE* share() const noexcept;

  // A directory that does not exist. A client of cpp-httplib < 0.20 adds the system's authorities
  // to whatever store it is given, unless it is told of a directory to take them from. The store
  // knows this one already, so that clients which add it on their first connect do not write to it.
  static constexpr const char* kNoDirectory = "/nonexistent/leasehold";

 private:
  StorePtr store_;
};

}  // namespace leasehold::detail
