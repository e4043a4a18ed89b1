#include "alpaca/journal_line.hpp"

#include <algorithm>

#include "alpaca/order_query.hpp"
#include "core/http_grammar.hpp"

namespace leasehold::alpaca {

const char* to_string(Ended ended) noexcept {
  switch (ended) {
    case Ended::accepted:
      return "accepted";
    case Ended::refused:
      return "refused";
    case Ended::not_sent:
      return "not_sent";
  }
  return "";
}

namespace detail {
namespace {

constexpr std::string_view kBegin = "begin";
constexpr std::string_view kEnd = "end";
constexpr std::string_view kNone = "-";

std::string word_of_id(std::string_view id) {
  if (id.empty()) return std::string(kNone);
  // One that would be read as none.
  return id == kNone ? "%2D" : percent_encoded(id);
}

int hex_digit(char c) noexcept {
  if (leasehold::detail::is_digit(c)) return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> id_of_word(std::string_view word) {
  if (word == kNone) return std::string();
  std::string id;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      id += word[i];
      continue;
    }
    const int high = i + 2 < word.size() ? hex_digit(word[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(word[i + 2]) : -1;
    if (low < 0) return std::nullopt;
    id += static_cast<char>(16 * high + low);
    i += 2;
  }
  return id;
}

std::string_view take_word(std::string_view& line) noexcept {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

}  // namespace

std::string journal_line(const Intent& intent) {
  std::string line(kBegin);
  line.append(" ").append(word_of_id(intent.client_order_id));
  line.append(" ").append(word_of_id(intent.replaces));
  return line.append(" ").append(intent.body).append("\n");
}

std::string journal_line(std::string_view client_order_id, Ended ended) {
  std::string line(kEnd);
  line.append(" ").append(word_of_id(client_order_id));
  return line.append(" ").append(to_string(ended)).append("\n");
}

std::optional<std::variant<Intent, End>> read_journal_line(std::string_view line) {
  const std::string_view verb = take_word(line);
  std::optional<std::string> id = id_of_word(take_word(line));
  if (!id || id->empty()) return std::nullopt;
  if (verb == kBegin) {
    std::optional<std::string> replaces = id_of_word(take_word(line));
    if (!replaces || !line.starts_with('{') || !line.ends_with('}')) return std::nullopt;
    return Intent{.client_order_id = *std::move(id),
                  .replaces = *std::move(replaces),
                  .body = std::string(line)};
  }
  if (verb != kEnd) return std::nullopt;
  for (const Ended ended : {Ended::accepted, Ended::refused, Ended::not_sent}) {
    if (line == to_string(ended)) return End{.client_order_id = *std::move(id), .ended = ended};
  }
  return std::nullopt;
}

bool may_begin_journal_line(std::string_view text) noexcept {
  const auto agrees = [text](std::string_view verb) {
    const std::size_t size = std::min(text.size(), verb.size());
    return text.substr(0, size) == verb.substr(0, size) &&
           (text.size() <= verb.size() || text[verb.size()] == ' ');
  };
  return agrees(kBegin) || agrees(kEnd);
}

}  // namespace detail

}  // namespace leasehold::alpaca
