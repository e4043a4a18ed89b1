#pragma once

#include <utility>

#include "leasehold/paper/exchange.hpp"
#include "leasehold/settings.hpp"
#include "support/manual_time.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"

namespace leasehold::test {

// An exchange that is never impatient, and what a client needs to trust it.
struct Venue {
  explicit Venue(paper::ExchangeSettings settings = {})
      : exchange(patient_exchange(std::move(settings))) {
    exchange.write_ca(folder.path("ca.pem"));
  }
  // One whose time is the test's.
  Venue(paper::ExchangeSettings settings, const ManualTime& time)
      : exchange(std::move(settings), time) {
    exchange.write_ca(folder.path("ca.pem"));
  }

  ClientSettings client() const {
    return patient_client({.origin = exchange.origin(), .ca_file = folder.path("ca.pem")});
  }

  TemporaryFolder folder;
  paper::Exchange exchange;
};

}  // namespace leasehold::test
