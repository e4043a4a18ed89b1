#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "alpaca/intents.hpp"
#include "alpaca/requester.hpp"
#include "leasehold/alpaca/journal.hpp"
#include "leasehold/alpaca/result.hpp"
#include "leasehold/deadline.hpp"

namespace leasehold::alpaca::detail {

// An order about to be made, and all that is needed for it, so that nothing that can fail stands
// between its first byte and its result.
struct Making {
  Method method = Method::post;
  std::string path = {};
  Intent intent = {};
  std::string spare_id = {};  // intent.client_order_id, to be given away
  // See OrderInDoubt.
  std::function<std::string(const Order&)> differs = {};
};

// Throw std::bad_alloc. REQUIRES: no problem_of(), and a client_order_id.
Making making_of(const NewOrder& order);
Making making_of(std::string_view order_id, std::string path, const Replacement& replacement);

// Sends it, and finds out what became of it. One that is in doubt already is only looked up, until
// it is known not to exist. REQUIRES: a hold on its client_order_id.
Result<Accepted> make(const Requester& requester, Intents::Hold& hold, Making& making,
                      Deadline deadline, const CallOptions& options) noexcept;

}  // namespace leasehold::alpaca::detail
