#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"

namespace leasehold {

namespace detail {
class ResponseLine;
}

// Where the outcomes of requests arrive, for who wants to look for them in its own time:
//
//   while (auto arrival = responses.poll()) book(arrival->id, arrival->outcome);
//
// Promises: the outcome of every request that was submitted to it arrives once, in the order in
//   which they ended. Each goes to one receiver: of those that wait, to the one that has waited
//   longest. It may be destroyed before its requests end: their outcomes are dropped then.
// Thread: every member may be called from any thread at any time, the destructor excepted.
// Cost: a lock for some nanoseconds, and no allocation; an arrival wakes one receiver, if any
//   waits. It holds what nobody has received yet.
class LEASEHOLD_API ResponseChannel {
 public:
  struct Arrival {
    std::uint64_t id;  // as it was given when the request was submitted
    Outcome outcome;   // its response owns its texts
  };

  // Throws std::bad_alloc.
  ResponseChannel();
  // No thread may be in a member function now.
  ~ResponseChannel();
  ResponseChannel(const ResponseChannel&) = delete;
  ResponseChannel& operator=(const ResponseChannel&) = delete;

  // The next one, if it is there.
  std::optional<Arrival> poll() noexcept;
  // Waits for it until `deadline`. What arrives at that moment is received, by this call or the
  // next one.
  std::optional<Arrival> receive(Deadline deadline) noexcept;
  // Those that have arrived and were not received yet, as it was a moment ago.
  std::size_t size() const noexcept;

  // For the library: where the outcomes arrive.
  const std::shared_ptr<detail::ResponseLine>& line() const noexcept { return line_; }

 private:
  const std::shared_ptr<detail::ResponseLine> line_;
};

}  // namespace leasehold
