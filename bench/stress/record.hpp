#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace leasehold::stress {

// What is known of an order when its attempt is over; never safer than it is.
enum class OrderFate : std::uint8_t {
  answered,  // HTTP 200 with this order's id
  refused,   // it was sent, and for certain the exchange has not made it
  not_sent,  // for certain, no byte of it reached the server
  in_doubt,  // anything else: it may have been executed
  mixed_up   // in doubt, and the answer carried another order's id
};

struct OrderRecord {
  std::chrono::nanoseconds latency{0};  // from the wish to send to the end of the attempt
  std::chrono::nanoseconds wait{0};     // of that, for a client
  OrderFate fate = OrderFate::in_doubt;
};

// What one engine thread did, order after order.
struct ThreadRecord {
  std::vector<OrderRecord> orders;
  std::map<std::string, std::size_t> failures;  // in words, how often
  std::chrono::steady_clock::time_point started, ended;
  std::chrono::nanoseconds cpu{0};  // the thread's own
};

}  // namespace leasehold::stress
