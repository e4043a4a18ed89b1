#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "leasehold/status.hpp"
#include "system/mutex.hpp"

namespace leasehold::detail {

// How many clients were condemned, and why the last one was.
//
// Thread: any.
class Condemnations {
 public:
  // Throws std::bad_alloc. Noting a reason allocates nothing.
  Condemnations() { last_.reserve(kReasonBytes); }

  void note(std::string_view reason) noexcept {
    const MutexLock lock(mutex_);
    ++count_;
    last_.assign(reason.substr(0, kReasonBytes));
  }
  void write_to(PoolStatus& status) const {
    const MutexLock lock(mutex_);
    status.condemned = count_;
    status.last_condemned = last_;
  }

 private:
  static constexpr std::size_t kReasonBytes = 63;

  mutable Mutex mutex_;
  std::uint64_t count_ LEASEHOLD_GUARDED_BY(mutex_) = 0;
  std::string last_ LEASEHOLD_GUARDED_BY(mutex_);
};

}  // namespace leasehold::detail
