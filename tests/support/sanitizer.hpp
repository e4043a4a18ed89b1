#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEASEHOLD_LEAK_SANITIZER
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LEASEHOLD_SANITIZER
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define LEASEHOLD_LEAK_SANITIZER
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LEASEHOLD_SANITIZER
#endif

namespace leasehold::test {

// Sanitizers make a program 5 to 20 times slower: tests that repeat an operation many times repeat
// it less often under them.
#ifdef LEASEHOLD_SANITIZER
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace leasehold::test
