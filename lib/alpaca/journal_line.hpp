#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "leasehold/alpaca/journal.hpp"

namespace leasehold::alpaca::detail {

// The lines of a journal's file:
//   begin CLIENT_ORDER_ID REPLACES BODY
//   end CLIENT_ORDER_ID ENDED
// Ids are percent-encoded, no id is "-", the body is JSON in one line. Pure; all throw
// std::bad_alloc.

struct End {
  std::string client_order_id = {};
  Ended ended = Ended::accepted;

  friend bool operator==(const End&, const End&) = default;
};

// With their line ends.
std::string journal_line(const Intent& intent);
std::string journal_line(std::string_view client_order_id, Ended ended);

// Without its line end. Nothing if it is none.
std::optional<std::variant<Intent, End>> read_journal_line(std::string_view line);

// Whether it can be a line that was cut short.
bool may_begin_journal_line(std::string_view text) noexcept;

}  // namespace leasehold::alpaca::detail
