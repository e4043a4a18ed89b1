#include "paper/market/identifiers.hpp"

#include <array>

namespace leasehold::paper::detail {

namespace {

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(value >> shift) & 0xFU];
}

// RFC 9562: the version in the first nibble of octet 6, the variant in the first two bits of
// octet 8.
std::string format_uuid(std::uint64_t high, std::uint64_t low, std::uint64_t version) {
  high = (high & ~std::uint64_t{0xF000}) | (version << 12);
  low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
  std::string text;
  text.reserve(36);
  append_hex(text, high);
  append_hex(text, low);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

std::mt19937_64 seeded_by_system() {
  std::random_device device;
  std::array<std::random_device::result_type, 8> entropy{};
  for (auto& word : entropy) word = device();
  std::seed_seq seed(entropy.begin(), entropy.end());
  return std::mt19937_64(seed);
}

}  // namespace

IdSource::IdSource() : random_(seeded_by_system()) {}

std::string IdSource::uuid() {
  const std::uint64_t high = random_();
  const std::uint64_t low = random_();
  return format_uuid(high, low, 4);
}

std::string IdSource::request_id() {
  std::string text;
  text.reserve(32);
  append_hex(text, random_());
  append_hex(text, random_());
  return text;
}

std::string hex(std::uint64_t value) {
  std::string text;
  text.reserve(16);
  append_hex(text, value);
  return text;
}

std::string uuid_of(std::string_view name) {
  const std::uint64_t high = fnv1a(name);
  return format_uuid(high, fnv1a(name, high), 8);
}

}  // namespace leasehold::paper::detail
