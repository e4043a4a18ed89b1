#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "leasehold/settings.hpp"
#include "stress/account.hpp"

namespace leasehold::stress {

// A server's ledger, or why there is none.
struct LedgerReading {
  enum class State : std::uint8_t { read, not_kept, failed };
  State state = State::read;
  Ledger ledger{};
  LedgerOf whose = LedgerOf::this_run;
  std::string problem{};  // unless read
};

// Where the orders of a run go.
class Venue {
 public:
  virtual ~Venue() = default;

  // Origin and authority to trust, in place of those in `base`.
  virtual ClientSettings client_settings(ClientSettings base) const = 0;
  // After the run: what became of its orders. An embedded exchange ends with it, so that nothing
  // is added later.
  virtual LedgerReading close_ledger() = 0;
  // TLS handshakes with all clients so far, if the venue can tell.
  virtual std::optional<std::uint64_t> handshakes() const { return std::nullopt; }
  // Connections that are open there now, if the venue can tell.
  virtual std::optional<std::uint64_t> connections() const { return std::nullopt; }
};

// A new exchange in this process, with room for `connections` at once, and an account for each
// tenant.
std::unique_ptr<Venue> embedded_venue(std::chrono::microseconds latency, std::size_t connections,
                                      const Tenants& tenants = {});

// A server that runs elsewhere. Throws std::runtime_error if it does not answer.
std::unique_ptr<Venue> remote_venue(const ClientSettings& client);

}  // namespace leasehold::stress
