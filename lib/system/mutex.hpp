#pragma once

#include <mutex>

// Which lock guards what is written at the member, and clang checks it (-Wthread-safety, an error
// in our own builds). For other compilers these are nothing.
#ifdef __clang__
#define LEASEHOLD_ANALYSED(attribute) __attribute__((attribute))
#else
#define LEASEHOLD_ANALYSED(attribute)
#endif
#define LEASEHOLD_GUARDED_BY(mutex) LEASEHOLD_ANALYSED(guarded_by(mutex))
#define LEASEHOLD_REQUIRES(mutex) LEASEHOLD_ANALYSED(requires_capability(mutex))

namespace leasehold::detail {

// std::mutex, which libstdc++ does not annotate.
class LEASEHOLD_ANALYSED(capability("mutex")) Mutex {
 public:
  void lock() LEASEHOLD_ANALYSED(acquire_capability()) { mutex_.lock(); }
  void unlock() LEASEHOLD_ANALYSED(release_capability()) { mutex_.unlock(); }

  // Tells clang, in a function that it analyses by itself (a lambda), what its callers hold. Checks
  // nothing.
  void is_held() const LEASEHOLD_ANALYSED(assert_capability(this)) {}

 private:
  std::mutex mutex_;
};

// Holds a mutex to the end of the scope, or to unlock().
class LEASEHOLD_ANALYSED(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LEASEHOLD_ANALYSED(acquire_capability(mutex)) : lock_(mutex) {}
  ~MutexLock() LEASEHOLD_ANALYSED(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() LEASEHOLD_ANALYSED(release_capability()) { lock_.unlock(); }

 private:
  std::unique_lock<Mutex> lock_;
};

}  // namespace leasehold::detail
