// Memory: a response is read in the buffer where it lies.
#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#include "support/allocations.hpp"
#include "support/sample_responses.hpp"

using namespace leasehold;
using namespace leasehold::test;

TEST_CASE("a response that fits into the caller's buffer costs no allocation") {
  for (const SampleResponse& sample : sample_responses) {
    CAPTURE(sample.bytes);
    std::string buffer(sample.bytes.size(), ' ');
    const auto before = allocations_by_this_thread();
    ResponseParser parser({});
    parser.start(sample.asked.method);
    Verdict verdict = Verdict::more;
    std::size_t size = 0;
    for (std::size_t at = 0; verdict == Verdict::more && at < sample.bytes.size(); ++at) {
      buffer[size++] = sample.bytes[at];
      verdict = parser.parse(buffer.data(), size);
    }
    if (verdict == Verdict::more) verdict = parser.end_of_stream(true);
    CHECK(allocations_by_this_thread() == before);
    CHECK(verdict == Verdict::complete);
  }
}
