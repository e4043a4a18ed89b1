#pragma once

namespace leasehold::bench {

// Register their benchmarks, named workload/configuration/pool. `quick`: as short as possible.
void register_uncontended(bool quick);
void register_contended(bool quick);
void register_refused(bool quick);

}  // namespace leasehold::bench
