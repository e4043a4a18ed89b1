// docs/faults.md says what the library does.
#include <doctest/doctest.h>

#include <string>

#include "core/classification.hpp"
#include "support/docs_page.hpp"

using namespace leasehold;

namespace {

constexpr Phase phases[] = {Phase::prepare,   Phase::wait,  Phase::connect,
                            Phase::handshake, Phase::write, Phase::read};

// "connect, write": those in which the cause occurs.
std::string listed(const detail::CauseRow& row) {
  std::string list;
  for (const Phase phase : phases) {
    if (row.phases.has(phase)) list.append(list.empty() ? "" : ", ").append(to_string(phase));
  }
  return list;
}

std::string fates(const detail::CauseRow& row) {
  bool sent = false, unsent = false;
  for (const Phase phase : phases) {
    if (!row.phases.has(phase)) continue;
    for (const bool readable : {false, true}) {
      const bool in_doubt = detail::fate_of(phase, readable) == Fate::in_doubt;
      sent |= in_doubt;
      unsent |= !in_doubt;
    }
  }
  if (sent && unsent) return "as far as it came";
  return sent ? "in doubt" : "not sent";
}

}  // namespace

TEST_CASE(
    "the table in the docs lists exactly the causes, with their phases, fates and sentences") {
  const auto table = test::table_rows(test::docs_page("faults.md"));
  const auto causes = detail::cause_rows().subspan(1);  // but for `none`
  REQUIRE(table.size() == causes.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    CAPTURE(causes[i].word);
    REQUIRE(table[i].size() == 5);
    CHECK(table[i][0] == '`' + std::string(causes[i].word) + '`');
    CHECK(table[i][1] == listed(causes[i]));
    CHECK(table[i][2] == fates(causes[i]));
    CHECK(table[i][3] == causes[i].sentence);
  }
}
