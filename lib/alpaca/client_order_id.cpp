#include "alpaca/client_order_id.hpp"

#include <sys/random.h>
#include <sys/types.h>
#include <array>

namespace leasehold::alpaca::detail {

std::string new_client_order_id() {
  std::array<unsigned char, 16> bytes{};
  // So few come at once or, before the kernel has gathered entropy after its start, not at all.
  if (::getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK) !=
      static_cast<ssize_t>(bytes.size())) {
    return {};
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);  // version
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);  // variant
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 0x0fU];
  }
  return text;
}

}  // namespace leasehold::alpaca::detail
