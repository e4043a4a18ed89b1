#include "core/classification.hpp"

#include <algorithm>
#include <iterator>

namespace leasehold::detail {
namespace {

using enum Phase;

constexpr Phases anywhere = {prepare, wait, connect, handshake, write, read};
constexpr Phases on_a_connection = {handshake, write, read};

constexpr CauseRow rows[] = {
    {Cause::none, "none", "it was answered", {none}},
    {Cause::invalid_request,
     "invalid_request",
     "the request cannot be written as it is",
     {prepare}},
    {Cause::empty_lease, "empty_lease", "the lease holds no client", {prepare}},
    {Cause::condemned, "condemned", "the lease was condemned before", {prepare}},
    {Cause::forked, "forked", "the process was forked after the channel was made", {prepare}},
    {Cause::no_client, "no_client", "no client was lent", {wait}},
    {Cause::channel_full, "channel_full", "the channel holds as many requests as it may", {wait}},
    {Cause::rate_limited,
     "rate_limited",
     "the account's requests of this window are spent",
     {wait}},
    {Cause::deadline, "deadline", "the deadline passed", anywhere},
    {Cause::stopped, "stopped", "the caller's stop was requested", anywhere},
    {Cause::closed, "closed", "the source or channel was closed", anywhere},
    {Cause::name_not_resolved, "name_not_resolved", "the host's name was not resolved", {connect}},
    {Cause::connect_failed, "connect_failed", "no TCP connection", {connect}},
    {Cause::certificate_refused,
     "certificate_refused",
     "the server's certificate is not to be trusted",
     {handshake}},
    {Cause::tls_failed, "tls_failed", "TLS broke off", on_a_connection},
    {Cause::stale, "stale", "the connection had ended before it was used", {prepare}},
    {Cause::peer_closed, "peer_closed", "the server ended the connection", on_a_connection},
    {Cause::connection_broken, "connection_broken", "the connection broke", on_a_connection},
    {Cause::malformed_response, "malformed_response", "what came is not an HTTP response",
     on_a_connection},
    {Cause::response_too_large,
     "response_too_large",
     "the response is larger than the settings allow",
     {write, read}},
    {Cause::out_of_resources, "out_of_resources", "memory, threads or file descriptors ran out",
     anywhere},
};

static_assert(std::size(rows) == static_cast<std::size_t>(Cause::out_of_resources) + 1,
              "a cause has no row");
static_assert(std::ranges::is_sorted(rows, std::ranges::less(), &CauseRow::cause),
              "the rows are in another order than the causes");

}  // namespace

std::span<const CauseRow> cause_rows() noexcept { return rows; }

const CauseRow& row_of(Cause cause) noexcept {
  static constexpr CauseRow unknown{Cause::none, "unknown", "unknown cause", {}};
  const auto at = static_cast<std::size_t>(cause);
  return at < std::size(rows) ? rows[at] : unknown;
}

}  // namespace leasehold::detail
