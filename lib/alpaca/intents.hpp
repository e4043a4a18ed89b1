#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alpaca/inquiry.hpp"
#include "leasehold/alpaca/journal.hpp"
#include "leasehold/alpaca/result.hpp"
#include "system/mutex.hpp"

namespace leasehold::alpaca::detail {

// Why an order may exist, though nobody has seen it.
struct Doubt {
  TimePoint since = {};  // its request had ended, so that no more of it was sent
  // That it is not found proves nothing: the venue has said that the id is taken, or another call
  // may be sending it.
  bool is_taken = false;
};

// An account's intents, by client_order_id: in its journal, if it has one, and those that are under
// way or in doubt, so that none is sent twice because two threads call, or one calls again.
//
// Thread: any.
class Intents {
  struct Standing {
    int holds = 0;
    bool is_owned = false;
    bool is_open = false;  // in the journal
    std::optional<Doubt> doubt = {};
  };
  using Standings = std::map<std::string, Standing, std::less<>>;

 public:
  // What the journal has open is in doubt since now. Throws what its open() throws, and
  // std::bad_alloc.
  Intents(Journal* journal, TimePoint now);

  // Those that the journal has open; throws what it throws.
  std::vector<Intent> open() const {
    return journal_ == nullptr ? std::vector<Intent>() : journal_->open();
  }

  // One call's hold on an id. The first to come owns it: it alone may send, and says how the
  // intent ended. Others look it up.
  class Hold {
   public:
    Hold(Intents& intents, std::string_view client_order_id);  // throws std::bad_alloc
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    // Nothing: it may be sent. Else it is to be looked up first.
    std::optional<Doubt> doubt() const noexcept;
    // Before its first byte is sent. False: it cannot be kept, and must not be.
    bool begin(const Intent& intent) noexcept;
    // What is known of it when the call ends; the doubt, if it is in doubt.
    void end(const Result<Accepted>& result, const Doubt& doubt) noexcept;

   private:
    Intents& intents_;
    Standings::iterator its_;
    bool is_owner_;
  };

 private:
  Journal* const journal_;
  mutable leasehold::detail::Mutex mutex_;
  // One stays while it is held, open or in doubt.
  Standings standings_ LEASEHOLD_GUARDED_BY(mutex_);
};

}  // namespace leasehold::alpaca::detail
