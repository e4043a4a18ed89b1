#include "alpaca/verdict.hpp"

#include "alpaca/order_codec.hpp"
#include "core/quote.hpp"

namespace leasehold::alpaca {

namespace detail {

Refused refused(const Response& response) noexcept {
  try {
    if (std::optional<Refused> told = read_error(response.body())) {
      told->status = response.status();
      return *std::move(told);
    }
  } catch (const std::bad_alloc&) {
    // Said below.
  }
  return {.status = response.status()};
}

}  // namespace detail

std::string Refused::sentence() const {
  std::string text = "refused: " + std::to_string(status);
  if (code != 0) text += " " + std::to_string(code);
  if (!message.empty()) text += ": " + leasehold::detail::quoted(message);
  return text;
}

std::string NotSent::sentence() const {
  return absent ? "not made: the venue has no such order" : "not sent: " + fault.sentence();
}

std::string InDoubt::sentence() const {
  if (fault.cause != Cause::none) return "in doubt: " + fault.sentence();
  if (status == 0 && fault.detail.empty()) return "in doubt: nothing is known of it yet";
  std::string text = "in doubt: answered with status " + std::to_string(status);
  if (!fault.detail.empty()) text += " (" + fault.detail + ")";
  return text;
}

}  // namespace leasehold::alpaca
