#include "client/resolver.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace leasehold;
using namespace leasehold::detail;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// A name service that answers when the test says so. Shared, for a look-up may outlive the test.
class NameService {
 public:
  Resolver::Lookup lookup() const {
    return [service = state_](const Origin&) {
      std::unique_lock lock(service->mutex);
      ++service->asked;
      service->changed.notify_all();
      service->changed.wait(lock, [&] { return !service->answers.empty(); });
      Resolution answer = std::move(service->answers.front());
      service->answers.pop_front();
      return answer;
    };
  }

  void answer(Resolution resolution) {
    const std::lock_guard lock(state_->mutex);
    state_->answers.push_back(std::move(resolution));
    state_->changed.notify_all();
  }

  // Until it was asked `times` times in all.
  void await_asked(int times) {
    std::unique_lock lock(state_->mutex);
    REQUIRE(state_->changed.wait_for(lock, 30s, [&] { return state_->asked >= times; }));
  }

  int asked() const {
    const std::lock_guard lock(state_->mutex);
    return state_->asked;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Resolution> answers;
    int asked = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

Resolution address(const std::string& host) { return {{host}, {}}; }

const TimePoint start = TimePoint() + 1h;
const Origin venue{.host = "venue.example", .port = 443};

std::string host_of(const Resolution& resolution) { return resolution.addresses.front(); }

// The answer, when the look-up that is under way has ended.
Resolution wait_for(Resolver::Question& question, WakeSignal& signal) {
  for (;;) {
    if (auto answer = question.answer(start)) return *std::move(answer);
    REQUIRE(signal.wait_until(Clock::now() + 30s) == WakeSignal::Woken::nudged);
  }
}

}  // namespace

TEST_CASE("an address is its own resolution, without a look-up, for ever") {
  NameService service;
  for (const Origin& origin : {Origin{.host = "127.0.0.1", .kind = HostKind::ipv4},
                               Origin{.host = "2001:db8::7", .kind = HostKind::ipv6}}) {
    const Resolver resolver(origin, service.lookup());
    resolver.suspect();
    WakeSignal signal;
    Resolver::Question question(resolver, signal);
    for (const auto age : {0h, 24h}) {
      const auto answer = question.answer(start + age);
      REQUIRE(answer.has_value());
      CHECK(answer->addresses == std::vector<std::string>{origin.host});
    }
  }
  CHECK(service.asked() == 0);
}

TEST_CASE("the system's resolver finds the loopback by its name") {
  const Resolution found = look_up({.host = "localhost", .port = 8443});
  REQUIRE(found);
  for (const std::string& at : found.addresses) CHECK((at == "127.0.0.1" || at == "::1"));
}

TEST_CASE("a name that cannot be resolved is a problem that names it") {
  // A label of 64 characters is in no name, so nobody is asked for it.
  const std::string host(64, 'x');
  const Resolution found = look_up({.host = host, .port = 443});
  CHECK_FALSE(found);
  CHECK(found.problem.starts_with(host + ": "));
}

TEST_CASE("threads that ask at the same time share one look-up, and its answer stays") {
  NameService service;
  const Resolver resolver(venue, service.lookup());
  WakeSignal first_signal;
  WakeSignal second_signal;
  Resolver::Question first(resolver, first_signal);
  Resolver::Question second(resolver, second_signal);
  CHECK_FALSE(first.answer(start).has_value());
  CHECK_FALSE(second.answer(start).has_value());
  service.answer(address("10.0.0.1"));
  CHECK(host_of(wait_for(first, first_signal)) == "10.0.0.1");
  CHECK(host_of(wait_for(second, second_signal)) == "10.0.0.1");
  CHECK(service.asked() == 1);
  WakeSignal later_signal;
  Resolver::Question later(resolver, later_signal);
  REQUIRE(later.answer(start + Resolver::kFresh - 5s).has_value());
  CHECK(service.asked() == 1);
}

TEST_CASE("an old answer is used at once, and renewed behind the caller's back") {
  NameService service;
  const Resolver resolver(venue, service.lookup());
  WakeSignal signal;
  Resolver::Question question(resolver, signal);
  service.answer(address("10.0.0.1"));
  wait_for(question, signal);
  const auto old = question.answer(start + Resolver::kFresh + 5s);
  REQUIRE(old.has_value());
  CHECK(host_of(*old) == "10.0.0.1");
  service.await_asked(2);
  service.answer(address("10.0.0.2"));
  REQUIRE(signal.wait_until(Clock::now() + 30s) == WakeSignal::Woken::nudged);
  CHECK(host_of(*question.answer(start)) == "10.0.0.2");
}

TEST_CASE("suspected addresses are renewed, however fresh, and kept if that fails") {
  NameService service;
  const Resolver resolver(venue, service.lookup());
  WakeSignal signal;
  Resolver::Question question(resolver, signal);
  service.answer(address("10.0.0.1"));
  wait_for(question, signal);
  resolver.suspect();
  CHECK(host_of(*question.answer(start)) == "10.0.0.1");
  service.await_asked(2);
  service.answer({{}, "the name service is down"});
  REQUIRE(signal.wait_until(Clock::now() + 30s) == WakeSignal::Woken::nudged);
  CHECK(host_of(*question.answer(start)) == "10.0.0.1");
}

TEST_CASE("who waited for a look-up that failed hears why, and who asks later starts another") {
  NameService service;
  const Resolver resolver(venue, service.lookup());
  WakeSignal signal;
  {
    Resolver::Question question(resolver, signal);
    CHECK_FALSE(question.answer(start).has_value());
    service.answer({{}, "venue.example: no such name"});
    const Resolution failed = wait_for(question, signal);
    CHECK_FALSE(failed);
    CHECK(failed.problem == "venue.example: no such name");
  }
  WakeSignal later_signal;
  Resolver::Question later(resolver, later_signal);
  service.answer(address("10.0.0.1"));
  CHECK(host_of(wait_for(later, later_signal)) == "10.0.0.1");
}

TEST_CASE("a resolver can be destroyed while its look-up hangs") {
  NameService service;
  {
    const Resolver resolver(venue, service.lookup());
    WakeSignal signal;
    Resolver::Question question(resolver, signal);
    CHECK_FALSE(question.answer(start).has_value());
    service.await_asked(1);
  }
  service.answer(address("10.0.0.1"));
}
