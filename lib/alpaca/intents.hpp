#pragma once

#include <set>
#include <string>
#include <string_view>

#include "leasehold/alpaca/journal.hpp"
#include "leasehold/alpaca/result.hpp"
#include "system/mutex.hpp"

namespace leasehold::alpaca::detail {

// A client's intents: in its journal, if it has one, and of those in doubt their ids, so that none
// is sent again because somebody calls again.
//
// Thread: any.
class Intents {
 public:
  explicit Intents(Journal* journal) noexcept : journal_(journal) {}

  // Before its first byte is sent. False: it cannot be kept, and must not be.
  bool begin(const Intent& intent) noexcept {
    return journal_ == nullptr || journal_->begin(intent);
  }
  // How far it is known what became of it.
  void now(const std::string& client_order_id, const Result<Accepted>& result) noexcept;

  bool is_in_doubt(std::string_view client_order_id) noexcept;
  // Those that the journal has open; throws what it throws.
  std::vector<Intent> open() const {
    return journal_ == nullptr ? std::vector<Intent>() : journal_->open();
  }

 private:
  Journal* const journal_;
  leasehold::detail::Mutex mutex_;
  std::set<std::string, std::less<>> in_doubt_ LEASEHOLD_GUARDED_BY(mutex_);
};

}  // namespace leasehold::alpaca::detail
