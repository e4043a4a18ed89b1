#include "core/quote.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

namespace leasehold::detail {
namespace {

constexpr std::size_t npos = std::string_view::npos;

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower, {}, lower_case);
}

// The length of the scheme at the beginning, right or nearly so: "https://", " https:/", "http//".
std::size_t scheme_length(std::string_view text) {
  std::size_t length = std::min(text.find_first_not_of(" \t\"'<"), text.size());
  for (const std::string_view scheme : {"https", "http", "wss", "ws"}) {
    if (!begins_with(text.substr(length), scheme)) continue;
    length += scheme.size();
    const bool colon = text.substr(length).starts_with(':');
    if (colon) ++length;
    const std::size_t slashes = std::min(text.find_first_not_of("/\\", length), text.size());
    return colon || slashes - length >= 2 ? slashes : 0;
  }
  return 0;
}

// Where a sign stands in a text, npos for nowhere, and how long it is written.
struct Sign {
  std::size_t at = npos;
  std::size_t length = 0;
};

// The last "@", which may be percent-encoded, several times even, or the full-width one.
Sign last_at_sign(std::string_view text) {
  constexpr std::string_view full_width = "\xef\xbc\xa0";
  for (std::size_t at = text.size(); at-- > 0;) {
    const std::string_view rest = text.substr(at);
    if (rest.front() == '@') return {at, 1};
    if (rest.starts_with(full_width)) return {at, full_width.size()};
    if (rest.front() != '%') continue;
    std::size_t encoded = 1;
    while (rest.substr(encoded).starts_with("25")) encoded += 2;
    if (rest.substr(encoded).starts_with("40")) return {at, encoded + 2};
  }
  return {};
}

// The first of several signs in lower case.
Sign first_of(std::string_view text, std::initializer_list<std::string_view> signs) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const std::string_view sign : signs) {
      if (begins_with(text.substr(at), sign)) return {at, sign.size()};
    }
  }
  return {};
}

// Whether `text` is made of ":", ".", brackets and short runs of hexadecimal digits.
bool may_be_ipv6(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text) {
    const bool digit = (c >= '0' && c <= '9') || (lower_case(c) >= 'a' && lower_case(c) <= 'f');
    if (!digit && std::string_view(":.[]").find(c) == npos) return false;
    run = digit ? run + 1 : 0;
    if (run > 5) return false;  // a port has up to 5
  }
  return std::ranges::count(text, ':') >= 2;
}

bool may_be_port(std::string_view text) {
  return text.size() <= 5 && text.find_first_not_of("0123456789") == npos;
}

}  // namespace

std::string escaped(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      line += {'\\', 'x', digits[byte >> 4], digits[byte & 0xf]};
    } else {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
  }
  return line;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string line = '"' + escaped(text.substr(0, longest)) + '"';
  if (text.size() > longest) line += "... (" + std::to_string(text.size()) + " bytes)";
  return line;
}

std::string without_credentials(std::string_view text) {
  constexpr std::string_view hidden = "***";
  std::string shown(text.substr(0, scheme_length(text)));
  std::string_view rest = text.substr(shown.size());
  bool url = !shown.empty();

  const Sign at_sign = last_at_sign(rest);
  if (at_sign.at != npos) {
    // Of a query with an "@" in it, what follows that may be as secret as what precedes it.
    if (first_of(rest, {"?", "#", "%3f", "%23"}).at < at_sign.at) return shown.append(hidden);
    shown.append(hidden).append(rest.substr(at_sign.at, at_sign.length));
    rest.remove_prefix(at_sign.at + at_sign.length);
    url = true;
  }

  // What follows the end is hidden.
  std::size_t end = rest.size();
  const auto end_after = [&end](const Sign& sign) {
    if (sign.at != npos) end = std::min(end, sign.at + sign.length);
  };
  const Sign query = first_of(rest, {"?", "#", "=", "%3f", "%23", "%3d"});
  const Sign path = url ? first_of(rest, {"/", "\\", "%2f", "%5c"}) : Sign();
  end_after(query);
  end_after(path);
  const std::string_view authority = rest.substr(0, std::min(query.at, path.at));
  const Sign colon = first_of(authority, {":", "%3a"});
  if (colon.at != npos && !may_be_port(authority.substr(colon.at + colon.length)) &&
      !may_be_ipv6(authority)) {
    end_after(colon);
  }

  shown.append(rest.substr(0, end));
  return end < rest.size() ? shown.append(hidden) : shown;
}

bool is_url_or_login(std::string_view text) {
  const Sign at_sign = last_at_sign(text);
  return scheme_length(text) > 0 || text.starts_with("//") || text.find("://") != npos ||
         (at_sign.at != npos && first_of(text, {":", "%3a"}).at < at_sign.at);
}

}  // namespace leasehold::detail
