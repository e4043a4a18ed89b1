#pragma once

#include <concepts>
#include <future>
#include <new>
#include <stop_token>
#include <string_view>

#include "leasehold/acquire_options.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/export.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "leasehold/settings.hpp"

namespace leasehold::alpaca::detail {

// What TradingClient needs of whoever owns the clients: one request, one outcome, which has memory
// of its own. Any number of threads at once.
class LEASEHOLD_API Carrier {
 public:
  Carrier() = default;
  virtual ~Carrier();
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  virtual Outcome carry(const PreparedRequest& request, std::string_view body, Deadline deadline,
                        Lane lane, const std::stop_token& stop) noexcept = 0;
};

// ClientPool and ClientPerThread, and RequestChannel: so that this needs to include none of them.
template <class Source>
concept Sends = requires(Source& source, const PreparedRequest& request, std::string_view body,
                         Deadline deadline, const AcquireOptions& options) {
  { source.send(request, body, deadline, options) }
  noexcept->std::same_as<Outcome>;
};
template <class Source>
concept Submits = requires(Source& source, const PreparedRequest& request, std::string_view body,
                           Deadline deadline) {
  { source.submit(request, body, deadline) } -> std::same_as<std::future<Outcome>>;
};
template <class Source>
concept Carries = Sends<Source> || Submits<Source>;

template <Carries Source>
class CarrierOver final : public Carrier {
 public:
  explicit CarrierOver(Source& source) : source_(source) {}

  Outcome carry(const PreparedRequest& request, std::string_view body, Deadline deadline, Lane lane,
                const std::stop_token& stop) noexcept override {
    if constexpr (Sends<Source>) {
      return source_.send(request, body, deadline, {.lane = lane, .stop = stop});
    } else {
      std::future<Outcome> outcome;
      try {
        outcome = source_.submit(request, body, deadline, {.lane = lane, .stop = stop});
      } catch (const std::bad_alloc&) {
        return Outcome(Fate::not_sent, {.phase = Phase::prepare, .cause = Cause::out_of_resources});
      }
      return outcome.get();
    }
  }

 private:
  Source& source_;
};

}  // namespace leasehold::alpaca::detail
