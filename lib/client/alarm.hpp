#pragma once

#include <thread>

#include "client/connection.hpp"
#include "system/clock.hpp"

namespace leasehold::detail {

// Interrupts a connection when the time has come, from a thread of its own.
//
// For cpp-httplib's waits: each begins anew whenever the peer sends a byte, and only from beside
// can they be ended. leasehold's own requests need none.
//
// Cost: a thread, for as long as it lives; some 20 us beside the millisecond of a handshake.
class Alarm {
 public:
  // None if `at` is never. While it lives, no connection is made that cannot be cut. Throws
  // std::system_error if there can be no thread.
  Alarm(Connection& connection, TimePoint at, const Clock& clock) : connection_(connection) {
    if (at != kNever) start(at, clock);
    connection_.make_only_cuttable(true);
  }
  ~Alarm() {
    connection_.make_only_cuttable(false);
    if (!thread_.joinable()) return;
    over_.set();
    thread_.join();
    connection_.forget_interruption(Interruption::deadline);
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  void start(TimePoint at, const Clock& clock) {
    thread_ = std::thread([this, at, &clock] {
      while (clock.now() < at) {
        if (clock.wait_until(over_, at) == WakeSignal::Woken::set) return;
      }
      connection_.interrupt(Interruption::deadline);
    });
  }
  Connection& connection_;
  WakeSignal over_;
  std::thread thread_;
};

}  // namespace leasehold::detail
