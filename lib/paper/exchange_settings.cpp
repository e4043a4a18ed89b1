#include "paper/exchange_settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "leasehold/settings_error.hpp"

namespace leasehold::paper::detail {

namespace {

using namespace std::chrono_literals;

bool is_address(int family, const std::string& text) {
  in6_addr address{};  // as long as an IPv4 address, and longer
  return ::inet_pton(family, text.c_str(), &address) == 1;
}

[[noreturn]] void reject(const std::string& field, const std::string& value, const char* expected) {
  throw SettingsError("ExchangeSettings." + field, value, expected);
}

void require_count(const char* field, std::size_t value, std::size_t most, const char* expected) {
  if (value < 1 || value > most) reject(field, std::to_string(value), expected);
}

void require_timeout(const char* field, std::chrono::milliseconds value) {
  if (value < 1ms || value > 24h) {
    reject(field, std::to_string(value.count()) + "ms", "a duration from 1ms to 24h");
  }
}

void require_key(const std::string& field, const std::string& value, const std::string& shown) {
  const bool visible =
      std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (value.empty() || value.size() > 128 || !visible) {
    reject(field, shown, "1 to 128 visible ASCII characters");
  }
}

void require_accounts(const std::vector<PaperAccount>& accounts) {
  std::unordered_set<std::string_view> key_ids;
  for (std::size_t at = 0; at < accounts.size(); ++at) {
    const PaperAccount& account = accounts[at];
    const std::string field = "accounts[" + std::to_string(at) + "]";
    require_key(field + ".key_id", account.key_id, account.key_id);
    require_key(field + ".secret", account.secret, "***");
    if (!key_ids.insert(account.key_id).second) {
      reject(field + ".key_id", account.key_id, "a key id that no other account has");
    }
  }
}

}  // namespace

void validate(const ExchangeSettings& settings) {
  if (!is_address(AF_INET, settings.bind) && !is_address(AF_INET6, settings.bind)) {
    reject("bind", settings.bind, "an IPv4 or IPv6 address such as 127.0.0.1 or ::1");
  }
  if (settings.latency < 0us || settings.latency > 1h) {
    reject("latency", std::to_string(settings.latency.count()) + "us", "a duration from 0 to 1h");
  }
  require_timeout("idle_timeout", settings.idle_timeout);
  require_timeout("stall_timeout", settings.stall_timeout);
  require_count("max_connections", settings.max_connections, 65'536,
                "a whole number from 1 to 65536");
  require_count("io_threads", settings.io_threads, 64, "a whole number from 1 to 64");
  require_accounts(settings.accounts);
}

std::string reachable_host(const std::string& bind) {
  if (!is_address(AF_INET6, bind)) return bind == "0.0.0.0" ? "127.0.0.1" : bind;
  return bind == "::" ? "[::1]" : "[" + bind + "]";
}

std::vector<std::string> certified_addresses(const std::string& bind) {
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};
  if (std::find(addresses.begin(), addresses.end(), bind) == addresses.end()) {
    addresses.push_back(bind);
  }
  return addresses;
}

}  // namespace leasehold::paper::detail
