// Which keys open which account.
#include "paper/market/accounts.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace leasehold::paper::detail;

TEST_CASE("a key pair opens its own account, and only the whole pair does") {
  const Accounts accounts(
      {{.key_id = "AK1", .secret = "first secret"}, {.key_id = "AK2", .secret = "second secret"}});
  CHECK(accounts.need_keys());
  CHECK(accounts.opened_by("AK1", "first secret") == 0);
  CHECK(accounts.opened_by("AK2", "second secret") == 1);
  const struct {
    const char* key_id;
    const char* secret;
  } rows[] = {
      {"AK1", "second secret"}, {"AK2", "first secret"},  {"AK3", "first secret"},
      {"ak1", "first secret"},  {"", "first secret"},     {"AK1", ""},
      {"AK1", "first secre"},   {"AK1", "first secret "}, {"AK1", "first secretfirst secret"},
      {"AK1", "First secret"},  {"AK1", "first secreT"}};
  for (const auto& row : rows) {
    CAPTURE(row.key_id);
    CAPTURE(row.secret);
    CHECK_FALSE(accounts.opened_by(row.key_id, row.secret));
  }
}

TEST_CASE("without accounts no keys are needed, and none opens anything") {
  const Accounts accounts;
  CHECK_FALSE(accounts.need_keys());
  CHECK_FALSE(accounts.opened_by("", ""));
}
