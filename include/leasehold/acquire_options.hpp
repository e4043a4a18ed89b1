#pragma once

#include <optional>
#include <stop_token>

#include "leasehold/deadline.hpp"
#include "leasehold/settings.hpp"

namespace leasehold {

// How a client is wanted; all of it is optional: `pool.acquire({.lane = Lane::urgent})`.
//
// Cost: a copy of a stop token, and its end, each write to memory that all copies share. Who
//   acquires often makes the options once and passes them each time; nothing here is copied then
//   unless the thread has to wait.
struct AcquireOptions {
  // Urgent waiters are served before normal ones.
  Lane lane = Lane::normal;
  // Triggered, it ends the wait (RefusalReason::stopped); what is idle is given all the same.
  std::stop_token stop = {};
  // Until when to wait in line: of acquire() in place of settings().acquire_timeout, of the others
  // the sooner of this and their own.
  std::optional<Deadline> deadline = {};
};

}  // namespace leasehold
