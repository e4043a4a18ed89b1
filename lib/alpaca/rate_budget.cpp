#include "leasehold/alpaca/rate_budget.hpp"

#include <string>

#include "alpaca/rate_window.hpp"
#include "leasehold/settings_error.hpp"
#include "system/mutex.hpp"

namespace leasehold::alpaca {

using leasehold::detail::Mutex;
using leasehold::detail::MutexLock;

RateBudget::~RateBudget() = default;

struct LocalRateBudget::State {
  explicit State(std::int64_t reserve) : window(reserve) {}

  Mutex mutex;
  detail::RateWindow window LEASEHOLD_GUARDED_BY(mutex);
};

LocalRateBudget::LocalRateBudget(std::int64_t reserve) {
  if (reserve < 0) throw SettingsError("reserve", std::to_string(reserve), "0 or more requests");
  state_ = std::make_unique<State>(reserve);
}
LocalRateBudget::~LocalRateBudget() = default;

std::optional<RateBudget::TimePoint> LocalRateBudget::take(Lane lane, TimePoint now) noexcept {
  const MutexLock lock(state_->mutex);
  return state_->window.take(lane, now);
}

void LocalRateBudget::learn(const RateReport& report, TimePoint taken, TimePoint now) noexcept {
  const MutexLock lock(state_->mutex);
  state_->window.learn(report, taken, now);
}

}  // namespace leasehold::alpaca
