#pragma once

#include <chrono>

namespace leasehold::alpaca {

// How a TradingClient sees to what it was asked. Each time is 1 ms to 24 h.
struct TradingSettings {
  // The most that one request takes of its call's time; the one that makes an order also takes no
  // more than three quarters of it. Not answered by then, an order is in doubt, and looked up in
  // what is left.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);

  // An order in doubt is looked up at once, again after the first of these, and then after twice as
  // long each time, up to the second.
  std::chrono::milliseconds lookup_interval{100};
  std::chrono::milliseconds lookup_interval_max = std::chrono::seconds(2);

  // How long after its request an order may still come to be. That the venue does not find it
  // proves nothing before: it may be waiting in a line of the venue's. Alpaca documents no such
  // time, and orders have been minutes late.
  std::chrono::milliseconds execution_window = std::chrono::minutes(10);

  // What a request does for which the account's rate budget has nothing left: waits until it has,
  // without a client, if that is before the deadline; or, and else, is not sent (`rate_limited`).
  bool wait_for_rate = true;
};

}  // namespace leasehold::alpaca
