#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "leasehold/alpaca/order.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"

namespace leasehold::alpaca {

// What a call of TradingClient's came to. Nothing is ever called safer than it is.

// The venue has taken the order.
struct Accepted {
  Order order = {};
};

// The venue has said no, and done nothing.
struct Refused {
  int status = 0;         // HTTP's: 403, 422, …
  std::int64_t code = 0;  // the API's: 40310000, …; 0 if it gave none
  std::string message = {};
  std::vector<Extra> extras = {};  // what else it told: "buying_power", …

  // "refused: 403 40310000: "insufficient buying power""; the venue's words are escaped.
  LEASEHOLD_API std::string sentence() const;
};

// The venue cannot have read it, or is known to have made nothing of it: it is safe to call again.
struct NotSent {
  Fault fault = {};
  // It was sent, was in doubt, and the venue had no such order when it could no longer come to be.
  bool absent = false;

  // "not sent: wait: the deadline passed", "not made: the venue has no such order"
  LEASEHOLD_API std::string sentence() const;
};

// The venue may have acted on it: it was sent, and the answer is missing (`fault` says how), or
// tells nothing: an error of the server's own (5xx), 408, a redirect, or what cannot be read.
// Of a call that only reads, it means no more than that nothing is known: ask again.
// An order was looked up meanwhile, and nothing was proved.
struct InDoubt {
  // By which the order can be looked up; empty where the call makes none.
  std::string client_order_id = {};
  int status = 0;    // HTTP's, if there was a complete answer
  Fault fault = {};  // if there was none, or it could not be used

  // "in doubt: read: the server ended the connection", "in doubt: answered with status 503"
  LEASEHOLD_API std::string sentence() const;
};

// One of the four; std::visit and std::get_if tell which.
//
//   const Result<Accepted> result = client.submit(order, steady_clock::now() + 500ms);
//   if (const auto* accepted = std::get_if<Accepted>(&result)) book(accepted->order);
template <class Value>
using Result = std::variant<Value, Refused, NotSent, InDoubt>;

}  // namespace leasehold::alpaca
