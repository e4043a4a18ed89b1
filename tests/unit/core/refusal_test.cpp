// The words in which a refusal reaches an operator.
#include "leasehold/refusal.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace leasehold;
using namespace std::chrono_literals;

namespace {

Refusal refusal(RefusalReason reason, std::chrono::nanoseconds waited) {
  return {.reason = reason, .size = 8, .idle = 1, .leased = 7, .waiting = 3, .waited = waited};
}

}  // namespace

TEST_CASE("each reason has its own word and its own sentence") {
  const struct {
    RefusalReason reason;
    std::chrono::nanoseconds waited;
    std::string word;
    std::string sentence;
  } rows[] = {
      {RefusalReason::none_idle, 0ns, "none_idle",
       "no client: none is idle and free to take without waiting "
       "(7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::timed_out, 250ms, "timed_out",
       "no client in 250 ms: timed out (7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::line_full, 0ns, "line_full",
       "no client: the waiting line holds max_waiting threads already "
       "(7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::stopped, 12ms, "stopped",
       "no client in 12 ms: the caller's stop was requested (7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::closed, 0ns, "closed",
       "no client: closed (7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::closed, 30s, "closed",
       "no client in 30 s: closed (7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::out_of_memory, 0ns, "out_of_memory",
       "no client: out of memory for building a client (7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::already_leased, 0ns, "already_leased",
       "no client: a lease on this thread's own client is out already "
       "(7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::too_many_threads, 0ns, "too_many_threads",
       "no client: max_threads threads have a client already "
       "(7 leased, 1 idle of 8; 3 waiting)"},
      {RefusalReason::none, 0ns, "none", "not refused"},
  };
  for (const auto& row : rows) {
    CHECK(to_string(row.reason) == row.word);
    CHECK(refusal(row.reason, row.waited).sentence() == row.sentence);
  }
}

TEST_CASE("a value that is no reason is said to be unknown") {
  const auto reason = static_cast<RefusalReason>(200);
  CHECK(std::string(to_string(reason)) == "unknown");
  CHECK(refusal(reason, 0ns).sentence().starts_with("no client: unknown reason ("));
}

TEST_CASE("the time waited is a whole number in a fitting unit") {
  const struct {
    std::chrono::nanoseconds waited;
    const char* text;
  } rows[] = {
      {-1ns, "no client: "},        {0ns, "no client: "},
      {1ns, "no client in 1 ns: "}, {999ns, "no client in 999 ns: "},
      {1us, "no client in 1 us: "}, {999'999ns, "no client in 999 us: "},
      {1ms, "no client in 1 ms: "}, {9'999ms, "no client in 9999 ms: "},
      {10s, "no client in 10 s: "}, {1h, "no client in 3600 s: "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(refusal(RefusalReason::timed_out, row.waited).sentence().starts_with(row.text));
  }
}

TEST_CASE("an acquire error names who was asked, and its origin, and keeps the refusal") {
  const AcquireError error("pool", "trading", "https://api.alpaca.markets",
                           refusal(RefusalReason::timed_out, 250ms));
  CHECK(std::string(error.what()) ==
        "pool \"trading\" (https://api.alpaca.markets): "
        "no client in 250 ms: timed out (7 leased, 1 idle of 8; 3 waiting)");
  CHECK(error.reason() == RefusalReason::timed_out);
  CHECK(error.refusal().waited == 250ms);
  CHECK(error.refusal().leased == 7);
}

TEST_CASE("no name can break the line of an acquire error") {
  const AcquireError error("per_thread", "a\"\n", "b\x1b", Refusal{});
  CHECK(std::string(error.what()) == R"(per_thread "a\"\x0a" (b\x1b): not refused)");
}
