#include "alpaca/intents.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace leasehold::alpaca::detail {

using leasehold::detail::MutexLock;

namespace {

// Nothing: not known.
std::optional<Ended> ended_as(const Result<Accepted>& result) noexcept {
  if (std::holds_alternative<Accepted>(result)) return Ended::accepted;
  if (std::holds_alternative<Refused>(result)) return Ended::refused;
  if (std::holds_alternative<NotSent>(result)) return Ended::not_sent;
  return std::nullopt;
}

}  // namespace

Intents::Intents(Journal* journal, TimePoint now) : journal_(journal) {
  for (const Intent& intent : open()) {
    standings_.emplace(intent.client_order_id,
                       Standing{.is_open = true, .doubt = Doubt{.since = now}});
  }
}

Intents::Hold::Hold(Intents& intents, std::string_view client_order_id) : intents_(intents) {
  const MutexLock lock(intents.mutex_);
  its_ = intents.standings_.find(client_order_id);
  if (its_ == intents.standings_.end()) {
    its_ = intents.standings_.emplace(client_order_id, Standing()).first;
  }
  ++its_->second.holds;
  is_owner_ = !std::exchange(its_->second.is_owned, true);
}

Intents::Hold::~Hold() {
  const MutexLock lock(intents_.mutex_);
  Standing& its = its_->second;
  if (is_owner_) its.is_owned = false;
  if (--its.holds == 0 && !its.is_open && !its.doubt) intents_.standings_.erase(its_);
}

std::optional<Doubt> Intents::Hold::doubt() const noexcept {
  const MutexLock lock(intents_.mutex_);
  std::optional<Doubt> doubt = its_->second.doubt;
  if (is_owner_) return doubt;
  if (!doubt) doubt.emplace();
  doubt->is_taken = true;
  return doubt;
}

bool Intents::Hold::begin(const Intent& intent) noexcept {
  if (intents_.journal_ == nullptr) return true;
  {
    const MutexLock lock(intents_.mutex_);
    if (its_->second.is_open) return true;
  }
  // Without the lock: it may take as long as a disk does.
  if (!intents_.journal_->begin(intent)) return false;
  const MutexLock lock(intents_.mutex_);
  its_->second.is_open = true;
  return true;
}

void Intents::Hold::end(const Result<Accepted>& result, const Doubt& doubt) noexcept {
  const std::optional<Ended> ended = ended_as(result);
  {
    const MutexLock lock(intents_.mutex_);
    Standing& its = its_->second;
    // Who does not own it has not sent it, and knows only what it has seen.
    if (!is_owner_ && (its.is_owned || ended != Ended::accepted)) return;
    its.is_owned = is_owner_ = true;  // until the journal has it, too
    if (ended) {
      its.doubt.reset();
      its.is_open = false;
    } else if (its.doubt) {
      its.doubt->since = std::max(its.doubt->since, doubt.since);
      its.doubt->is_taken |= doubt.is_taken;
    } else {
      its.doubt = doubt;
    }
  }
  if (ended && intents_.journal_ != nullptr) intents_.journal_->end(its_->first, *ended);
}

}  // namespace leasehold::alpaca::detail
