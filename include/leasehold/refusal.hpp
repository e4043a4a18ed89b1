#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "leasehold/export.hpp"

namespace leasehold {

// Why an acquire ended without a client. A closed list: a switch over it needs no default.
enum class RefusalReason : std::uint8_t {
  none,             // not refused
  none_idle,        // try_acquire(): every client is leased, or others wait for the next one
  timed_out,        // the deadline passed while waiting in line
  line_full,        // the line of this lane holds max_waiting threads already; refused at once
  stopped,          // the caller's std::stop_token was triggered
  closed,           // the source was closed, before this call or while it waited
  out_of_memory,    // a client could not be built, or not anew after it was condemned
  already_leased,   // the thread's own client is out on a lease: it would wait for itself
  too_many_threads  // max_threads threads have a client of their own already; refused at once
};

// The reason as the word used in reports and metrics ("timed_out").
LEASEHOLD_API const char* to_string(RefusalReason reason) noexcept;

// A refusal and what the pool, or other source of clients, looked like when it was decided.
// The counts are taken one after the other while others go on: exact while nobody does.
struct Refusal {
  RefusalReason reason = RefusalReason::none;
  std::uint32_t size = 0;              // clients in the pool
  std::uint32_t idle = 0;              // of these, not leased
  std::uint32_t leased = 0;            // of these, leased
  std::uint32_t waiting = 0;           // threads in line, this one not counted
  std::chrono::nanoseconds waited{0};  // from entering the line to the refusal

  // One sentence for an operator:
  //   no client in 250 ms: timed out (8 leased, 0 idle of 8; 3 waiting)
  LEASEHOLD_API std::string sentence() const;
};

// Thrown by acquire(). what() is the refusal's sentence behind who was asked, by its kind and name
// as in the settings, and its origin:
//   pool "trading" (https://api.alpaca.markets): no client in 250 ms: timed out (8 leased, …)
//   per_thread "polls" (https://api.alpaca.markets): no client: max_threads threads have …
class LEASEHOLD_API AcquireError : public std::runtime_error {
 public:
  AcquireError(const std::string& kind, const std::string& name, const std::string& origin,
               const Refusal& refusal);
  ~AcquireError() override;

  const Refusal& refusal() const noexcept { return refusal_; }
  RefusalReason reason() const noexcept { return refusal_.reason; }

 private:
  Refusal refusal_;
};

}  // namespace leasehold
