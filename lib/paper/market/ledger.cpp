#include "leasehold/paper/ledger.hpp"

namespace leasehold::paper {

const char* to_string(OrderOutcome outcome) noexcept {
  switch (outcome) {
    case OrderOutcome::committed:
      return "committed";
    case OrderOutcome::duplicate:
      return "duplicate";
    case OrderOutcome::refused:
      return "refused";
  }
  return "";
}

}  // namespace leasehold::paper
