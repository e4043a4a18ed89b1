#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/origin.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// What a look-up came to.
struct Resolution {
  std::vector<std::string> addresses;  // "127.0.0.1", "::1"; in the order they are to be tried in
  std::string problem;                 // if there are none, a sentence for an operator

  explicit operator bool() const noexcept { return !addresses.empty(); }
};

// With getaddrinfo(): blocks for as long as the system's resolver takes.
Resolution look_up(const Origin& origin);

// Turns the origin's host into addresses, for all clients of a source, without blocking them longer
// than they want: getaddrinfo() runs in a thread of its own, which nobody waits for when the source
// ends. An answer is kept; one older than kFresh is still used, and renewed behind the caller's
// back.
//
// Thread: all members, from any thread; a Question belongs to one.
// Cost: a numeric host is its own address, for ever and for nothing.
class Resolver {
  struct State;

 public:
  // Called in a thread that may outlive the resolver.
  using Lookup = std::function<Resolution(const Origin&)>;

  static constexpr std::chrono::seconds kFresh{30};

  // Throws std::bad_alloc.
  explicit Resolver(const Origin& origin, Lookup lookup = look_up);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Asks for the addresses:
  //   for (;;) {
  //     if (auto resolution = question.answer(now)) …
  //     signal.wait_until(deadline)
  //   }
  class Question {
   public:
    // `signal` is nudged whenever a look-up ends, until the question is destroyed.
    Question(const Resolver& resolver, WakeSignal& signal);
    ~Question();
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    // The addresses if they are known, or the problem of a look-up that failed since the question
    // was put; nothing while one is under way. Starts one where needed. Throws std::bad_alloc, and
    // std::system_error if there can be no thread.
    std::optional<Resolution> answer(TimePoint now);

   private:
    State& state_;
    WakeSignal& signal_;
    std::uint64_t failures_before_;
  };

  // Nobody could be reached at these addresses: the next question starts a look-up, and uses them
  // still.
  void suspect() const noexcept;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace leasehold::detail
