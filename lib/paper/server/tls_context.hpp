#pragma once

#include "paper/server/certificate_authority.hpp"
#include "system/openssl.hpp"

namespace leasehold::paper::detail {

using leasehold::detail::SslContextPtr;
using leasehold::detail::SslPtr;

// What all TLS sessions of a server share: its certificate, and TLS 1.2 and 1.3. Outlives them.
//
// Thread: any, once made.
class TlsContext {
 public:
  explicit TlsContext(const Identity& identity);

  // A server's session on a non-blocking socket, which it does not own. Writing to a peer that is
  // gone raises SIGPIPE in the writing thread, which must block it. Throws std::runtime_error.
  SslPtr session(int socket) const;

 private:
  SslContextPtr context_;
};

}  // namespace leasehold::paper::detail
