#pragma once

#include <cstdint>
#include <string>

#include "leasehold/export.hpp"

namespace leasehold::paper {

// What became of a request that makes an order: POST /v2/orders, or PATCH of one. A closed list.
enum class OrderOutcome : std::uint8_t {
  committed,  // the order exists; its client_order_id is spent for good
  duplicate,  // the client_order_id was spent before; no second order was made
  refused     // malformed or against the rules; its client_order_id, if any, stays free
};

// The outcome as the word used in JSON ("committed").
LEASEHOLD_API const char* to_string(OrderOutcome outcome) noexcept;

// One such request that arrived complete, whether or not its answer ever left.
// Times are nanoseconds since the Unix epoch; they advance with the steady clock, so that
// received_ns <= committed_ns <= replied_ns holds even when the wall clock is set meanwhile.
struct LedgerEntry {
  std::uint64_t seq = 0;          // 1, 2, 3, ... in the order of the decisions
  std::int64_t received_ns = 0;   // the request's last byte was read
  std::int64_t committed_ns = 0;  // the order was made; 0: it was not
  std::int64_t replied_ns = 0;    // the answer's last byte went to the kernel; 0: not (yet)
  std::uint64_t connection = 0;   // 1, 2, 3, ... in the order of acceptance
  std::uint64_t body_hash = 0;    // FNV-1a (64 bits) of the body: equal for equal attempts
  // The key_id of the account that the order is for; empty: without accounts, or unauthorized.
  std::string account{};
  // As received, or as generated; empty if it could not be read. Of a refused order, the first 128
  // characters: the longest that is allowed, so that nobody fills the memory with what is refused.
  std::string client_order_id{};
  OrderOutcome outcome = OrderOutcome::refused;
  int status = 0;  // HTTP status decided on
};

}  // namespace leasehold::paper
