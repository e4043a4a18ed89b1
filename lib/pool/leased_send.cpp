#include "pool/leased_send.hpp"

#include <utility>

namespace leasehold::detail {

Outcome LeasedSend::refused(const Refusal& refusal) noexcept {
  Fault fault{.phase = Phase::wait, .cause = Cause::no_client, .refusal = refusal};
  switch (refusal.reason) {
    case RefusalReason::timed_out:
      fault.cause = Cause::deadline;
      break;
    case RefusalReason::stopped:
      fault.cause = Cause::stopped;
      break;
    case RefusalReason::closed:
      fault.cause = Cause::closed;
      break;
    case RefusalReason::out_of_memory:
      fault.cause = Cause::out_of_resources;
      break;
    case RefusalReason::none:
    case RefusalReason::none_idle:
    case RefusalReason::line_full:
    case RefusalReason::already_leased:
    case RefusalReason::too_many_threads:
      break;
  }
  return {Fate::not_sent, std::move(fault)};
}

}  // namespace leasehold::detail
