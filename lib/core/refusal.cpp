#include "leasehold/refusal.hpp"

#include <cstdint>

#include "core/quote.hpp"

namespace leasehold {
namespace {

// Whole numbers only: they look the same in every locale.
std::string duration_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  const auto in = [duration](auto unit, const char* name) {
    return std::to_string(duration_cast<decltype(unit)>(duration).count()) + name;
  };
  if (duration < 1us) return in(nanoseconds(), " ns");
  if (duration < 1ms) return in(microseconds(), " us");
  if (duration < 10s) return in(milliseconds(), " ms");
  return in(seconds(), " s");
}

const char* explanation(RefusalReason reason) noexcept {
  switch (reason) {
    case RefusalReason::none:
      return "not refused";
    case RefusalReason::none_idle:
      return "none is idle and free to take without waiting";
    case RefusalReason::timed_out:
      return "timed out";
    case RefusalReason::line_full:
      return "the waiting line holds max_waiting threads already";
    case RefusalReason::stopped:
      return "the caller's stop was requested";
    case RefusalReason::closed:
      return "closed";
    case RefusalReason::out_of_memory:
      return "out of memory for building a client";
    case RefusalReason::already_leased:
      return "a lease on this thread's own client is out already";
    case RefusalReason::too_many_threads:
      return "max_threads threads have a client already";
  }
  return "unknown reason";
}

}  // namespace

const char* to_string(RefusalReason reason) noexcept {
  switch (reason) {
    case RefusalReason::none:
      return "none";
    case RefusalReason::none_idle:
      return "none_idle";
    case RefusalReason::timed_out:
      return "timed_out";
    case RefusalReason::line_full:
      return "line_full";
    case RefusalReason::stopped:
      return "stopped";
    case RefusalReason::closed:
      return "closed";
    case RefusalReason::out_of_memory:
      return "out_of_memory";
    case RefusalReason::already_leased:
      return "already_leased";
    case RefusalReason::too_many_threads:
      return "too_many_threads";
  }
  return "unknown";
}

std::string Refusal::sentence() const {
  if (reason == RefusalReason::none) return explanation(reason);
  std::string line = "no client";
  if (waited > waited.zero()) line += " in " + duration_text(waited);
  line.append(": ").append(explanation(reason));
  line += " (" + std::to_string(leased) + " leased, " + std::to_string(idle) + " idle of " +
          std::to_string(size) + "; " + std::to_string(waiting) + " waiting)";
  return line;
}

AcquireError::AcquireError(const std::string& kind, const std::string& name,
                           const std::string& origin, const Refusal& refusal)
    : std::runtime_error(kind + " " + detail::quoted(name) + " (" + detail::escaped(origin) +
                         "): " + refusal.sentence()),
      refusal_(refusal) {}

AcquireError::~AcquireError() = default;

}  // namespace leasehold
