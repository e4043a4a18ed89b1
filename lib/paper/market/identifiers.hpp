#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace leasehold::paper::detail {

// Makes identifiers that do not repeat between sources either (122 random bits).
//
// Thread: one at a time.
class IdSource {
 public:
  IdSource();  // seeded by the system
  std::string uuid();
  std::string request_id();  // 32 hex digits

 private:
  std::mt19937_64 random_;
};

// FNV-1a, 64 bits.
constexpr std::uint64_t fnv1a(std::string_view bytes,
                              std::uint64_t hash = 0xcbf29ce484222325U) noexcept {
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

// 16 hex digits.
std::string hex(std::uint64_t value);

// The same UUID for the same name, always.
std::string uuid_of(std::string_view name);

}  // namespace leasehold::paper::detail
