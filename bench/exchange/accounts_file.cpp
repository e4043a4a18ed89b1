#include "exchange/accounts_file.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "leasehold/settings_error.hpp"

namespace leasehold {

namespace {

using paper::PaperAccount;

struct Member {
  std::string_view name;
  std::string PaperAccount::*field;
};
constexpr std::array<Member, 2> kMembers = {{
    {"key_id", &PaperAccount::key_id},
    {"secret", &PaperAccount::secret},
}};

std::string content_of(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  // A folder can be opened, but not read; of an empty file, nothing is written.
  if (!file.is_open() || file.bad() || (content.fail() && errno != 0)) {
    throw SettingsError("--accounts", path,
                        "a file that can be read (" +
                            std::generic_category().message(errno != 0 ? errno : EIO) + ")");
  }
  return content.str();
}

PaperAccount account_from(const rapidjson::Value& json, const auto& reject) {
  if (!json.IsObject()) reject("", "an object with key_id and secret");
  PaperAccount account;
  for (const auto& member : json.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const auto known = std::find_if(kMembers.begin(), kMembers.end(),
                                    [&](const Member& one) { return one.name == name; });
    if (known == kMembers.end()) reject("", "no members but key_id and secret");
    std::string& field = account.*known->field;
    if (!field.empty()) reject(name, "each name once");
    if (!member.value.IsString()) reject(name, "a string");
    field.assign(member.value.GetString(), member.value.GetStringLength());
  }
  for (const Member& member : kMembers) {
    if ((account.*member.field).empty()) reject(member.name, "a string that is not empty");
  }
  return account;
}

}  // namespace

std::vector<PaperAccount> accounts_from_file(const std::string& path) {
  const std::string content = content_of(path);
  rapidjson::Document document;
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  document.Parse<flags>(content.data(), content.size());
  if (document.HasParseError() || !document.IsArray() || document.Empty()) {
    throw SettingsError("--accounts", path, "a JSON list of accounts, at least one");
  }
  std::vector<PaperAccount> accounts;
  for (const rapidjson::Value& entry : document.GetArray()) {
    const auto reject = [&](std::string_view member, const char* expected) {
      const std::string place = "[" + std::to_string(accounts.size()) + "]";
      throw SettingsError(
          "--accounts " + path + ": " + place + (member.empty() ? "" : "." + std::string(member)),
          "***", expected);
    };
    accounts.push_back(account_from(entry, reject));
  }
  return accounts;
}

}  // namespace leasehold
