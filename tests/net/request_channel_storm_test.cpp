// Every request has exactly one outcome, whatever happens to it meanwhile, and what is said of it
// is what the exchange's ledger says.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "leasehold/paper/exchange.hpp"
#include "leasehold/request_channel.hpp"
#include "support/exchange_requests.hpp"
#include "support/sanitizer.hpp"
#include "support/soon.hpp"
#include "support/venue.hpp"

using namespace leasehold;
using namespace leasehold::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kThreads = 6;
constexpr std::size_t kEach = kSanitized ? 100 : 400;

const Header json[] = {{"Content-Type", "application/json"}};
const PreparedRequest place(Method::post, "/v2/orders", json);

// What was said of one request.
struct Told {
  std::atomic<int> times{0};
  std::atomic<Fate> fate{Fate::answered};
};

class Storm {
 public:
  explicit Storm(unsigned seed)
      : seed_(seed),
        channel_(std::in_place, venue_.client(),
                 ChannelSettings{.workers = 1 + seed % 3, .clients = 5, .capacity = 128}) {}

  void run() {
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([this, t] { submit_all(t); });
      }
      // In the middle of it, in some runs; by the destructor, in others.
      if (seed_ % 2 == 0) {
        await([this] { return submitted_ > kThreads * kEach / 2; });
        report_ = channel_->close(Deadline::Clock::now() + (seed_ % 4 == 0 ? 0ms : 2ms));
      }
    }
    if (seed_ % 2 != 0) report_ = channel_->close(soon());
    const ChannelStatus status = channel_->status();
    channel_.reset();
    while (const auto arrival = responses_.poll()) tell(arrival->id, arrival->outcome);
    check(status);
  }

 private:
  void tell(std::size_t id, const Outcome& outcome) {
    ++told_[id].times;
    told_[id].fate = outcome.fate();
    ++fates_[static_cast<std::size_t>(outcome.fate())];
  }

  void submit_all(std::size_t thread) {
    std::mt19937 random(seed_ * 100 + static_cast<unsigned>(thread));
    std::vector<std::pair<std::size_t, std::future<Outcome>>> futures;
    std::vector<std::stop_source> stops;
    for (std::size_t i = 0; i < kEach; ++i) {
      const std::size_t id = thread * kEach + i;
      const std::string body = order_json(std::to_string(id));
      const Deadline deadline =
          random() % 4 == 0
              ? Deadline(Deadline::Clock::now() + std::chrono::microseconds(random() % 2000))
              : soon();
      SubmitOptions options{.lane = random() % 3 == 0 ? Lane::urgent : Lane::normal,
                            .tenant = random() % 3,
                            .ordered = random() % 3 == 0};
      if (random() % 3 == 0) options.stop = stops.emplace_back().get_token();
      switch (random() % 4) {
        case 0:
          futures.emplace_back(id, channel_->submit(place, body, deadline, options));
          break;
        case 1:
          channel_->submit(
              place, body, deadline,
              [this, id](const Outcome& outcome) {
                tell(id, outcome);
                if (id % 7 == 0) throw id;
              },
              options);
          break;
        case 2:
          channel_->submit(place, body, deadline, responses_, id, options);
          break;
        default:
          if (Submitted submitted = channel_->try_submit(place, body, deadline, options)) {
            futures.emplace_back(id, std::move(submitted.outcome));
          } else {
            tell(id, {Fate::not_sent, std::move(submitted.fault)});
            ++refused_;
          }
      }
      ++submitted_;
      if (random() % 4 == 0 && !stops.empty()) stops[random() % stops.size()].request_stop();
      if (random() % 16 == 0) static_cast<void>(channel_->status());
    }
    for (auto& [id, future] : futures) tell(id, future.get());
  }

  void check(const ChannelStatus& status) {
    std::map<std::string, int> ledger;
    for (const auto& entry : venue_.exchange.ledger()) ++ledger[entry.client_order_id];
    for (std::size_t id = 0; id < told_.size(); ++id) {
      CAPTURE(id);
      CHECK(told_[id].times == 1);
      const auto found = ledger.find(std::to_string(id));
      const int committed = found == ledger.end() ? 0 : found->second;
      CHECK(committed <= 1);
      if (told_[id].fate == Fate::not_sent) CHECK(committed == 0);
      if (told_[id].fate == Fate::answered) CHECK(committed == 1);
    }
    const auto count = [this](Fate fate) { return fates_[static_cast<std::size_t>(fate)].load(); };
    CHECK(status.submitted + status.refused == told_.size());
    CHECK(status.answered == count(Fate::answered));
    CHECK(status.in_doubt == count(Fate::in_doubt));
    CHECK(status.not_sent + status.refused == count(Fate::not_sent));
    CHECK(status.submitted == status.answered + status.not_sent + status.in_doubt);
    CHECK(status.queued_urgent + status.queued_normal + status.under_way == 0);
    CHECK(report_.submitted == status.submitted);
    CHECK(refused_ <= status.refused);
  }

  const unsigned seed_;
  Venue venue_;
  std::vector<Told> told_ = std::vector<Told>(kThreads * kEach);
  std::array<std::atomic<std::uint64_t>, 3> fates_{};
  std::atomic<std::size_t> submitted_{0};
  std::atomic<std::uint64_t> refused_{0};
  ResponseChannel responses_;
  ChannelCloseReport report_;
  std::optional<RequestChannel> channel_;
};

}  // namespace

TEST_CASE("in a storm of submit, stop, expiry and close every request is told its fate once") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Storm(seed).run();
  }
}
