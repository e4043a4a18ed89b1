#pragma once

#include <utility>

#include "leasehold/paper/exchange.hpp"
#include "leasehold/settings.hpp"
#include "support/temporary_folder.hpp"

namespace leasehold::test {

// An exchange, and what a client needs to trust it.
struct Venue {
  explicit Venue(paper::ExchangeSettings settings = {}) : exchange(std::move(settings)) {
    exchange.write_ca(folder.path("ca.pem"));
  }

  ClientSettings client() const {
    return {.origin = exchange.origin(), .ca_file = folder.path("ca.pem")};
  }

  TemporaryFolder folder;
  paper::Exchange exchange;
};

}  // namespace leasehold::test
