#include "channel/request_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/sanitizer.hpp"

using namespace leasehold;
using namespace std::chrono_literals;
using detail::kNever;
using detail::Queued;
using detail::RequestLine;
using detail::TimePoint;
using Stage = Queued::Stage;

namespace {

// How a request is wanted; its number is that of those that were made before.
struct Wanted {
  Lane lane = Lane::normal;
  std::uint64_t tenant = 0;
  bool ordered = false;
  TimePoint deadline = kNever;
};

class Requests {
 public:
  Queued& make(const Wanted& wanted = {}) {
    return all_.emplace_back(Queued{.number = all_.size(),
                                    .deadline = wanted.deadline,
                                    .lane = wanted.lane,
                                    .tenant = wanted.tenant,
                                    .ordered = wanted.ordered});
  }

 private:
  std::deque<Queued> all_;  // which leaves each where it is
};

constexpr Wanted urgent{.lane = Lane::urgent};
Wanted ordered(std::uint64_t tenant = 0, Lane lane = Lane::normal) {
  return {.lane = lane, .tenant = tenant, .ordered = true};
}

// The numbers of those that begin one after the other, until none could.
std::string begin_all(RequestLine& line) {
  std::string numbers;
  while (line.one_could_begin()) numbers += std::to_string(line.begin_next()->number) + ' ';
  CHECK(line.begin_next() == nullptr);
  return numbers;
}

}  // namespace

TEST_CASE("a line without requests has none to give") {
  RequestLine line(0);
  CHECK(line.begin_next() == nullptr);
  CHECK(line.remove_any() == nullptr);
  CHECK(line.remove_expired(kNever) == nullptr);
  CHECK(line.earliest_deadline() == kNever);
  CHECK(line.size() == 0);
  CHECK_FALSE(line.one_could_begin());
}

TEST_CASE("requests begin in the order of submission, in whatever order they are found") {
  Requests requests;
  RequestLine line(16);
  Queued& zero = requests.make();
  Queued& one = requests.make();
  Queued& two = requests.make();
  for (Queued* const each : {&two, &zero, &one}) line.add(*each);
  CHECK(line.size() == 3);
  CHECK(begin_all(line) == "0 1 2 ");
  CHECK(line.size() == 0);
}

TEST_CASE("urgent requests begin before all normal ones") {
  Requests requests;
  RequestLine line(16);
  for (int i = 0; i < 2; ++i) line.add(requests.make());
  for (int i = 0; i < 3; ++i) line.add(requests.make(urgent));
  CHECK(line.size(Lane::urgent) == 3);
  CHECK(line.size(Lane::normal) == 2);
  CHECK(line.begin_next()->number == 2);
  line.add(requests.make(urgent));
  CHECK(begin_all(line) == "3 4 5 0 1 ");
  CHECK(line.size(Lane::urgent) == 0);
  CHECK(line.size(Lane::normal) == 0);
}

TEST_CASE("none begins while one that was submitted before it may not have been found yet") {
  Requests requests;
  RequestLine line(16);
  Queued& zero = requests.make();
  Queued& one = requests.make(ordered());
  Queued& two = requests.make(ordered());
  Queued& three = requests.make(urgent);
  line.add(zero);
  line.add(two);
  line.add(three);
  line.note_complete(0);
  CHECK_FALSE(line.one_could_begin());
  CHECK(line.begin_next() == nullptr);
  line.note_complete(1);
  CHECK(line.one_could_begin());
  CHECK(begin_all(line) == "0 ");
  line.add(one);
  CHECK_FALSE(line.one_could_begin());
  line.note_complete(3);
  CHECK(begin_all(line) == "1 ");
  line.end(one);
  CHECK(begin_all(line) == "2 ");
  line.note_complete(4);
  CHECK(begin_all(line) == "3 ");
}

TEST_CASE("an urgent request that is held back does not hold back normal ones before it") {
  Requests requests;
  RequestLine line(16);
  line.add(requests.make());
  line.add(requests.make(urgent));
  line.note_complete(1);
  CHECK(begin_all(line) == "0 ");
}

TEST_CASE("of a tenant's ordered requests one begins when the one before has ended") {
  Requests requests;
  RequestLine line(16);
  Queued& first = requests.make(ordered(1));
  Queued& second = requests.make(ordered(1, Lane::urgent));
  Queued& third = requests.make(ordered(1));
  Queued& others = requests.make(ordered(2));
  Queued& free = requests.make({.tenant = 1});
  for (Queued* const each : {&first, &second, &third, &others, &free}) line.add(*each);
  CHECK(line.out_of_turn() == 2);
  CHECK(begin_all(line) == "0 3 4 ");
  CHECK(line.size(Lane::urgent) == 1);
  CHECK(line.size(Lane::normal) == 1);
  line.end(others);
  line.end(free);
  CHECK_FALSE(line.one_could_begin());
  line.end(first);
  CHECK(line.out_of_turn() == 1);
  CHECK(begin_all(line) == "1 ");
  line.end(second);
  CHECK(begin_all(line) == "2 ");
  line.end(third);
  CHECK(line.size() == 0);
  CHECK(line.out_of_turn() == 0);
}

TEST_CASE("a tenant whose ordered requests have all ended begins anew") {
  Requests requests;
  RequestLine line(1);
  for (int round = 0; round < 3; ++round) {
    Queued& request = requests.make(ordered(7));
    line.add(request);
    CHECK(line.begin_next() == &request);
    line.end(request);
  }
}

TEST_CASE("an ordered request that is found late takes its place before those submitted later") {
  for (const Lane lane : {Lane::urgent, Lane::normal}) {
    CAPTURE(static_cast<int>(lane));
    Requests requests;
    RequestLine line(16);
    Queued& first = requests.make(ordered());
    Queued& second = requests.make(ordered(0, lane));
    Queued& third = requests.make(ordered(0, lane));
    for (Queued* const each : {&third, &second, &first}) line.add(*each);
    CHECK(line.out_of_turn() == 2);
    CHECK(begin_all(line) == "0 ");
    line.end(first);
    CHECK(begin_all(line) == "1 ");
    line.end(second);
    CHECK(begin_all(line) == "2 ");
  }
}

TEST_CASE("an ordered request that is found too late waits for the later one that was begun") {
  Requests requests;
  RequestLine line(16);
  Queued& first = requests.make(ordered());
  Queued& second = requests.make(ordered());
  line.add(second);
  CHECK(begin_all(line) == "1 ");
  line.add(first);
  CHECK(begin_all(line).empty());
  line.end(second);
  CHECK(begin_all(line) == "0 ");
}

TEST_CASE("tenants whose numbers share a bucket have orders of their own") {
  constexpr std::uint64_t tenants[] = {0, 1, std::numeric_limits<std::uint64_t>::max(), 1ULL << 63};
  Requests requests;
  RequestLine line(1);  // of which there is one
  std::vector<Queued*> all;
  for (int round = 0; round < 2; ++round) {
    for (const std::uint64_t tenant : tenants) {
      all.push_back(&requests.make(ordered(tenant)));
      line.add(*all.back());
    }
  }
  CHECK(line.out_of_turn() == 4);
  CHECK(begin_all(line) == "0 1 2 3 ");
  // From the middle of the bucket, its end, and its beginning.
  line.end(*all[1]);
  CHECK(begin_all(line) == "5 ");
  line.end(*all[3]);
  CHECK(begin_all(line) == "7 ");
  line.end(*all[5]);
  line.end(*all[0]);
  CHECK(begin_all(line) == "4 ");
  line.end(*all[2]);
  CHECK(begin_all(line) == "6 ");
  CHECK(line.out_of_turn() == 0);
}

TEST_CASE("an ordered request that leaves the line lets the next of its tenant come") {
  Requests requests;
  RequestLine line(16);
  Queued& first = requests.make(ordered());
  Queued& second = requests.make(ordered());
  Queued& third = requests.make(ordered());
  Queued& fourth = requests.make(ordered());
  for (Queued* const each : {&first, &second, &third, &fourth}) line.add(*each);
  line.remove(second);
  CHECK(line.out_of_turn() == 2);
  line.remove(first);
  CHECK(line.out_of_turn() == 1);
  CHECK(begin_all(line) == "2 ");
  line.remove(fourth);
  CHECK(line.out_of_turn() == 0);
  line.end(third);
  CHECK(line.size() == 0);
  CHECK(begin_all(line).empty());
}

TEST_CASE("an ordered request that expires lets the next of its tenant come") {
  const TimePoint start(1h);
  Requests requests;
  RequestLine line(16);
  Wanted brief = ordered(3);
  brief.deadline = start;
  line.add(requests.make(brief));
  line.add(requests.make(ordered(3, Lane::urgent)));
  CHECK(line.out_of_turn() == 1);
  CHECK(line.remove_expired(start)->number == 0);
  CHECK(line.out_of_turn() == 0);
  CHECK(begin_all(line) == "1 ");
}

TEST_CASE("what is late leaves the line, the earliest deadline first, out of turn or not") {
  const TimePoint start(1h);
  Requests requests;
  RequestLine line(16);
  for (const auto time : {30ms, 10ms, 20ms, 10ms}) {
    Wanted wanted = ordered();
    wanted.deadline = start + time;
    line.add(requests.make(wanted));
  }
  CHECK(line.earliest_deadline() == start + 10ms);
  CHECK(line.remove_expired(start) == nullptr);
  CHECK(line.remove_expired(start + 10ms)->number == 1);
  CHECK(line.remove_expired(start + 25ms)->number == 3);
  CHECK(line.remove_expired(start + 25ms)->number == 2);
  CHECK(line.remove_expired(start + 25ms) == nullptr);
  CHECK(line.earliest_deadline() == start + 30ms);
  CHECK(begin_all(line) == "0 ");
  CHECK(line.earliest_deadline() == kNever);
}

TEST_CASE("what is held back expires and can be taken out like the rest") {
  const TimePoint start(1h);
  Requests requests;
  RequestLine line(16);
  line.note_complete(0);
  line.add(requests.make({.deadline = start}));
  Queued& other = requests.make();
  line.add(other);
  CHECK(line.remove_expired(start)->number == 0);
  line.remove(other);
  CHECK(line.size() == 0);
}

TEST_CASE("all can be taken out, whatever they wait for") {
  Requests requests;
  RequestLine line(16);
  for (int i = 0; i < 3; ++i) line.add(requests.make(ordered(5)));
  for (int i = 0; i < 3; ++i) line.add(requests.make(urgent));
  int taken = 0;
  while (line.remove_any() != nullptr) ++taken;
  CHECK(taken == 6);
  CHECK(line.size() == 0);
  CHECK(line.out_of_turn() == 0);
  CHECK_FALSE(line.one_could_begin());
}

TEST_CASE("a request knows where it stands") {
  Requests requests;
  RequestLine line(16);
  Queued& first = requests.make(ordered());
  Queued& second = requests.make(ordered());
  Queued& free = requests.make();
  CHECK(first.stage == Stage::intake);
  for (Queued* const each : {&first, &second, &free}) line.add(*each);
  CHECK(first.stage == Stage::queued);
  CHECK(begin_all(line) == "0 2 ");
  CHECK(first.stage == Stage::begun);
  line.end(free);
  CHECK(free.stage == Stage::ended);
  line.remove(second);
  CHECK(second.stage == Stage::ended);
}

namespace {

// What a RequestLine promises, said without any order of its own: every question is a look at all.
class Model {
 public:
  void add(Queued& request) { queued_.push_back(&request); }
  void end(const Queued& request) { std::erase(begun_, &request); }
  void remove(const Queued& request) { std::erase(queued_, &request); }

  std::vector<Queued*>& queued() { return queued_; }
  std::vector<Queued*>& begun() { return begun_; }

  Queued* next(std::uint64_t complete_before) const {
    Queued* best = nullptr;
    for (Queued* const each : queued_) {
      if (each->number >= complete_before || waits_for_another(*each)) continue;
      if (best == nullptr || before(*each, *best)) best = each;
    }
    return best;
  }
  Queued* begin_next(std::uint64_t complete_before) {
    Queued* const request = next(complete_before);
    if (request == nullptr) return nullptr;
    remove(*request);
    begun_.push_back(request);
    return request;
  }
  Queued* earliest() const {
    const auto due = [](const Queued* one, const Queued* other) {
      return Queued::DueBefore()(*one, *other);
    };
    const auto found = std::ranges::min_element(queued_, due);
    return found == queued_.end() ? nullptr : *found;
  }
  std::size_t size(Lane lane) const {
    return count([&](const Queued& each) { return each.lane == lane; });
  }
  std::size_t out_of_turn() const {
    return count([&](const Queued& each) { return waits_for_another(each); });
  }

 private:
  static bool before(const Queued& one, const Queued& other) {
    if (one.lane != other.lane) return one.lane == Lane::urgent;
    return one.number < other.number;
  }
  bool waits_for_another(const Queued& request) const {
    if (!request.ordered) return false;
    const auto same = [&](const Queued* other) {
      return other->ordered && other->tenant == request.tenant;
    };
    return std::ranges::any_of(begun_, same) ||
           std::ranges::any_of(queued_, [&](const Queued* other) {
             return same(other) && other->number < request.number;
           });
  }
  template <class Is>
  std::size_t count(Is is) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(queued_, [&](const Queued* each) { return is(*each); }));
  }

  std::vector<Queued*> queued_;
  std::vector<Queued*> begun_;
};

// Submits, begins, ends, cancels and expires at random, and looks after each step whether line and
// model say the same.
class Storm {
 public:
  Storm(std::size_t buckets, unsigned seed) : line_(buckets), random_(seed) {}

  void run(int steps) {
    line_.note_complete(0);
    for (int step = 0; step < steps; ++step) {
      CAPTURE(step);
      take_step();
      compare();
    }
    while (Queued* const any = line_.remove_any()) model_.remove(*any);
    REQUIRE(model_.queued().empty());
    compare();
  }

 private:
  std::size_t roll(std::size_t sides) { return random_() % sides; }
  std::chrono::milliseconds roll_ms(std::size_t sides) {
    return std::chrono::milliseconds(roll(sides));
  }

  void take_step() {
    const std::size_t dice = roll(100);
    if (dice < 42) return submit();
    if (dice < 52) return note_complete();
    if (dice < 75) return begin();
    if (dice < 92) return end();
    if (dice < 96) return cancel();
    expire();
  }

  // Now, or later: then others that were submitted after it are found before it.
  void submit() {
    if (model_.queued().size() + late_.size() >= 24) return begin();
    Queued* request = nullptr;
    if (!late_.empty() && roll(2) == 0) {
      const std::size_t which = roll(late_.size());
      request = late_[which];
      late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(which));
    } else {
      request = &requests_.make({.lane = roll(4) == 0 ? Lane::urgent : Lane::normal,
                                 .tenant = roll(5) << (roll(2) * 40),
                                 .ordered = roll(3) != 0,
                                 .deadline = roll(3) == 0 ? kNever : now_ + roll_ms(40)});
      ++submitted_;
      if (roll(3) == 0) return late_.push_back(request);
    }
    line_.add(*request);
    model_.add(*request);
  }

  void note_complete() {
    complete_before_ = submitted_;
    for (const Queued* const each : late_) {
      complete_before_ = std::min(complete_before_, each->number);
    }
    line_.note_complete(complete_before_);
  }

  void begin() {
    const bool could = line_.one_could_begin();
    Queued* const begun = line_.begin_next();
    REQUIRE(could == (begun != nullptr));
    REQUIRE(begun == model_.begin_next(complete_before_));
    REQUIRE((begun == nullptr || begun->stage == Stage::begun));
  }

  void end() {
    if (model_.begun().empty()) return;
    Queued& request = *model_.begun()[roll(model_.begun().size())];
    line_.end(request);
    model_.end(request);
    REQUIRE(request.stage == Stage::ended);
  }

  void cancel() {
    if (model_.queued().empty()) return;
    Queued& request = *model_.queued()[roll(model_.queued().size())];
    line_.remove(request);
    model_.remove(request);
    REQUIRE(request.stage == Stage::ended);
  }

  void expire() {
    now_ += roll_ms(10);
    while (Queued* const late = line_.remove_expired(now_)) {
      REQUIRE(late == model_.earliest());
      REQUIRE(late->deadline <= now_);
      model_.remove(*late);
    }
    const Queued* const earliest = model_.earliest();
    REQUIRE((earliest == nullptr || earliest->deadline > now_));
  }

  void compare() const {
    const Queued* const earliest = model_.earliest();
    REQUIRE(line_.earliest_deadline() == (earliest != nullptr ? earliest->deadline : kNever));
    REQUIRE(line_.one_could_begin() == (model_.next(complete_before_) != nullptr));
    REQUIRE(line_.size(Lane::urgent) == model_.size(Lane::urgent));
    REQUIRE(line_.size(Lane::normal) == model_.size(Lane::normal));
    REQUIRE(line_.out_of_turn() == model_.out_of_turn());
  }

  RequestLine line_;
  std::mt19937 random_;
  Requests requests_;
  Model model_;
  std::vector<Queued*> late_;  // submitted, and not found yet
  std::uint64_t submitted_ = 0;
  std::uint64_t complete_before_ = 0;
  TimePoint now_{1h};
};

}  // namespace

TEST_CASE(
    "a storm of requests leaves the line in the order that a plain look at all of them says") {
  constexpr int steps = test::kSanitized ? 10'000 : 100'000;
  Storm(1, 1).run(steps);
  Storm(8, 2).run(steps);
}
