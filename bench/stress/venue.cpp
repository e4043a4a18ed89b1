#include "stress/venue.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "leasehold/paper/exchange.hpp"
#include "stress/http_query.hpp"
#include "stress/ledger_json.hpp"

namespace leasehold::stress {
namespace {

// A file in memory that can be opened by its path while this object lives: nothing is left behind,
// however the process ends.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : fd_(::memfd_create("ca.pem", MFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
    while (!content.empty()) {
      const ssize_t written = ::write(fd_, content.data(), content.size());
      if (written < 0) {
        const int error = errno;
        ::close(fd_);
        throw std::system_error(error, std::generic_category(), "cannot write to memory");
      }
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  const int fd_;
};

std::vector<paper::PaperAccount> accounts_of(const Tenants& tenants) {
  std::vector<paper::PaperAccount> accounts;
  for (const alpaca::Credentials& keys : tenants) {
    accounts.push_back({.key_id = keys.key_id, .secret = keys.secret_key});
  }
  return accounts;
}

class EmbeddedVenue final : public Venue {
 public:
  EmbeddedVenue(std::chrono::microseconds latency, std::size_t connections, const Tenants& tenants)
      : exchange_(
            {.latency = latency, .max_connections = connections, .accounts = accounts_of(tenants)}),
        ca_file_(exchange_.ca_pem()) {}

  ClientSettings client_settings(ClientSettings base) const override {
    base.origin = exchange_.origin();
    base.ca_file = ca_file_.path();
    return base;
  }
  LedgerReading close_ledger() override {
    exchange_.stop();
    return {.ledger = exchange_.ledger()};
  }
  std::optional<std::uint64_t> handshakes() const override { return exchange_.status().handshakes; }
  std::optional<std::uint64_t> connections() const override {
    return exchange_.status().connections_open;
  }

 private:
  paper::Exchange exchange_;
  const MemoryFile ca_file_;
};

class RemoteVenue final : public Venue {
 public:
  explicit RemoteVenue(ClientSettings client) : client_(std::move(client)) {
    const HttpReply reply = http_query(client_, HttpQuery::head, path, longest_ledger);
    if (!reply.status) {
      throw std::runtime_error("no answer from " + client_.origin + ": " + reply.problem);
    }
    had_ledger_ = *reply.status == 200;
  }

  ClientSettings client_settings(ClientSettings) const override { return client_; }

  LedgerReading close_ledger() override {
    using State = LedgerReading::State;
    try {
      const HttpReply reply = http_query(client_, HttpQuery::get, path, longest_ledger);
      if (!reply.status) return {.state = State::failed, .problem = reply.problem};
      if (*reply.status == 200) {
        if (auto ledger = ledger_from_json(reply.body)) {
          return {.ledger = *std::move(ledger), .whose = LedgerOf::everybody};
        }
        return {.state = State::failed, .problem = "GET /_sim/ledger gave no ledger"};
      }
      const bool refused = *reply.status >= 400 && *reply.status < 500;
      return {.state = refused && !had_ledger_ ? State::not_kept : State::failed,
              .problem = "GET /_sim/ledger: HTTP " + std::to_string(*reply.status)};
    } catch (const std::exception& error) {  // whatever is missing now, the orders were placed
      return {.state = State::failed, .problem = error.what()};
    }
  }

 private:
  static constexpr const char* path = "/_sim/ledger";
  // Bytes. That of the largest run has less than 3 GB.
  static constexpr std::size_t longest_ledger = std::size_t{4} << 30U;

  const ClientSettings client_;
  bool had_ledger_ = false;  // before the run
};

}  // namespace

std::unique_ptr<Venue> embedded_venue(std::chrono::microseconds latency, std::size_t connections,
                                      const Tenants& tenants) {
  return std::make_unique<EmbeddedVenue>(latency, connections, tenants);
}

std::unique_ptr<Venue> remote_venue(const ClientSettings& client) {
  return std::make_unique<RemoteVenue>(client);
}

}  // namespace leasehold::stress
