#include "alpaca/intents.hpp"

#include <new>
#include <variant>

namespace leasehold::alpaca::detail {

using leasehold::detail::MutexLock;

void Intents::now(const std::string& client_order_id, const Result<Accepted>& result) noexcept {
  const bool in_doubt = std::holds_alternative<InDoubt>(result);
  if (journal_ != nullptr && !in_doubt) {
    journal_->end(client_order_id, std::holds_alternative<Accepted>(result)  ? Ended::accepted
                                   : std::holds_alternative<Refused>(result) ? Ended::refused
                                                                             : Ended::not_sent);
  }
  const MutexLock lock(mutex_);
  if (!in_doubt) {
    in_doubt_.erase(client_order_id);
    return;
  }
  try {
    in_doubt_.insert(client_order_id);
  } catch (const std::bad_alloc&) {
    // The caller knows it.
  }
}

bool Intents::is_in_doubt(std::string_view client_order_id) noexcept {
  const MutexLock lock(mutex_);
  return in_doubt_.find(client_order_id) != in_doubt_.end();
}

}  // namespace leasehold::alpaca::detail
