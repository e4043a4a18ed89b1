#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "system/openssl.hpp"

namespace leasehold::detail {

// More than any list of authorities holds (the system's is 0.2 MB).
inline constexpr std::size_t kMostCertificateBytes = std::size_t{16} << 20U;

// The certificates of a PEM file, at least one; what else is in it (keys, revocation lists) is
// passed over. The file is read once, so what was checked is what is used; it must be a regular
// one, or a link to one, of kMostCertificateBytes at most. Never waits for a peer, as a FIFO would.
// Throws SettingsError for client.ca_file, std::bad_alloc.
std::vector<CertificatePtr> read_certificates(const std::string& path);

}  // namespace leasehold::detail
