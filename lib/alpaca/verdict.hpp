#pragma once

#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "leasehold/alpaca/result.hpp"
#include "leasehold/outcome.hpp"

namespace leasehold::alpaca::detail {

// What a complete answer says, by its status alone.
enum class Says : std::uint8_t {
  yes,     // 2xx
  no,      // 4xx: refused, and nothing done
  nothing  // all else: 408 and 5xx may come from a proxy whose request went on without it
};
constexpr Says says(int status) noexcept {
  if (status >= 200 && status < 300) return Says::yes;
  if (status >= 400 && status < 500 && status != 408) return Says::no;
  return Says::nothing;
}

// Of an answer that says no. Without the memory for more, the status alone.
Refused refused(const Response& response) noexcept;

// What an outcome means for who made the call. Pure. `read` makes an std::optional<Value> of the
// body of an answer that says yes; nothing: it cannot be read, and what was done is not known. The
// id is moved into InDoubt, and into nothing else.
template <class Value, class Read>
Result<Value> verdict(Outcome&& outcome, std::string& client_order_id, Read read) noexcept {
  if (outcome.fate() == Fate::not_sent) return NotSent{.fault = std::move(outcome).fault()};
  InDoubt unknown;
  if (outcome.fate() == Fate::in_doubt) {
    unknown.client_order_id = std::move(client_order_id);
    unknown.fault = std::move(outcome).fault();
    return unknown;
  }
  const Response& response = outcome.response();
  unknown.status = response.status();
  if (says(response.status()) == Says::no) return refused(response);
  if (says(response.status()) == Says::yes) {
    try {
      std::optional<Value> value = read(response.body());
      if (value) return *std::move(value);
    } catch (const std::bad_alloc&) {
      unknown.fault = {.phase = Phase::read, .cause = Cause::out_of_resources};
    }
  }
  unknown.client_order_id = std::move(client_order_id);
  return unknown;
}

}  // namespace leasehold::alpaca::detail
