// docs/settings.md says what the library does.
#include <doctest/doctest.h>

#include <string>

#include "core/settings_table.hpp"
#include "leasehold/settings_sources.hpp"
#include "support/docs_page.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;

namespace {

std::string page() { return test::docs_page("settings.md"); }

// The first block that is fenced as `language`.
std::string block(const std::string& text, const std::string& language) {
  const std::string fence = "\n```" + language + "\n";
  const std::size_t begin = text.find(fence);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find("\n```\n", begin + fence.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + fence.size(), end - begin - fence.size());
}

}  // namespace

TEST_CASE("the table in the docs lists exactly the fields, with their names, defaults and ranges") {
  const auto table = test::table_rows(page());
  REQUIRE(table.size() == detail::fields().size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const detail::Field& field = detail::fields()[i];
    CAPTURE(field.json_name());
    const std::string standard = field.text(Settings());
    REQUIRE(table[i].size() == 5);
    CHECK(table[i][0] == '`' + field.json_name() + '`');
    CHECK(table[i][1] == '`' + field.environment_name() + '`');
    CHECK(table[i][2] == '`' + (standard.empty() ? "\"\"" : standard) + '`');
    CHECK(table[i][3] == field.expected(""));
  }
}

TEST_CASE("the example in the docs is read, names every field in order, and is valid") {
  const std::string example = block(page(), "json");
  const Settings settings = settings_from_json(example);
  CHECK_NOTHROW(validate(settings.client));
  CHECK_NOTHROW(validate(settings.pool));
  CHECK_NOTHROW(validate(settings.per_thread));
  CHECK_NOTHROW(validate(settings.channel));
  CHECK(settings.client.origin == "https://api.alpaca.markets");
  CHECK(settings.pool.size == 32);
  std::size_t place = 0;
  for (const detail::Field& field : detail::fields()) {
    CAPTURE(field.json_name());
    place = example.find('"' + std::string(field.name) + "\": ", place);
    REQUIRE(place != std::string::npos);
  }
}

TEST_CASE("the errors in the docs are those that the library throws") {
  const auto is_there = [](const SettingsError& error) {
    CAPTURE(error.what());
    CHECK(page().find(std::string("\n") + error.what() + '\n') != std::string::npos);
  };
  for (const char* variable : {"LEASEHOLD_POOL_SIZE=0", "LEASEHOLD_POL_SIZE=8"}) {
    const char* const variables[] = {variable, nullptr};
    is_there(refused_setting([&variables] { detail::settings_from_variables(variables, {}); }));
  }
  is_there(refused_setting(
      [] { validate(ClientSettings{.origin = "https:/key:secret@api.example.com"}); }));

  is_there(refused_setting([] { validate(ChannelSettings{.workers = 4, .clients = 2}); }));

  for (const char* json : {R"({"client": {"connect_timeout": 2000}})", R"({"pool": {"sice": 8}})",
                           "{\n  \"client\": {\n  }\n  \"pool\": {\n  }\n}"}) {
    const SettingsError refused = refused_setting([json] { settings_from_json(json); });
    CAPTURE(refused.what());
    CHECK(page().find(std::string("\nengine.json: ") + refused.what() + '\n') != std::string::npos);
  }
}
