#include "leasehold/outcome.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/classification.hpp"
#include "core/http_grammar.hpp"

namespace leasehold {
namespace {

std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

}  // namespace

const char* to_string(Fate fate) noexcept {
  switch (fate) {
    case Fate::answered:
      return "answered";
    case Fate::not_sent:
      return "not_sent";
    case Fate::in_doubt:
      return "in_doubt";
  }
  return "unknown";
}

const char* to_string(Phase phase) noexcept {
  switch (phase) {
    case Phase::none:
      return "none";
    case Phase::prepare:
      return "prepare";
    case Phase::wait:
      return "wait";
    case Phase::connect:
      return "connect";
    case Phase::handshake:
      return "handshake";
    case Phase::write:
      return "write";
    case Phase::read:
      return "read";
  }
  return "unknown";
}

const char* to_string(Cause cause) noexcept { return detail::row_of(cause).word; }

std::string Fault::sentence() const {
  std::string line = std::string(to_string(phase)) + ": " + detail::row_of(cause).sentence;
  std::string more = detail;
  if (refusal.reason != RefusalReason::none) {
    more.append(more.empty() ? "" : "; ").append(refusal.sentence());
  }
  if (system_error != 0) {
    more.append(more.empty() ? "" : ": ").append(std::generic_category().message(system_error));
  }
  return more.empty() ? line : line.append(" (").append(more).append(")");
}

Response::Response(int status, std::string_view head, std::string_view body) noexcept
    : status_(status), body_(body) {
  lines_ = head;
  head_ = take_line(lines_);
}

Response::Response(Response&& other) noexcept
    : status_(std::exchange(other.status_, 0)),
      head_(std::exchange(other.head_, {})),
      lines_(std::exchange(other.lines_, {})),
      body_(std::exchange(other.body_, {})),
      own_(std::move(other.own_)) {}

Response& Response::operator=(Response&& other) noexcept {
  status_ = std::exchange(other.status_, 0);
  head_ = std::exchange(other.head_, {});
  lines_ = std::exchange(other.lines_, {});
  body_ = std::exchange(other.body_, {});
  own_ = std::move(other.own_);
  return *this;
}

std::string_view Response::reason() const noexcept {
  constexpr std::size_t before = std::string_view("HTTP/1.1 200 ").size();
  return head_.substr(std::min(before, head_.size()));
}

std::optional<std::string_view> Response::header(std::string_view name) const noexcept {
  std::string_view rest = lines_;
  std::string_view at;
  std::string_view value;
  while (next_header(rest, at, value)) {
    if (detail::equal_ignoring_case(at, name)) return value;
  }
  return std::nullopt;
}

bool Response::next_header(std::string_view& rest, std::string_view& name,
                           std::string_view& value) noexcept {
  if (rest.empty()) return false;
  const std::string_view line = take_line(rest);
  const std::size_t colon = std::min(line.find(':'), line.size());
  name = line.substr(0, colon);
  value = detail::trimmed(line.substr(std::min(colon + 1, line.size())));
  return true;
}

void Response::own() {
  if (own_ != nullptr || status_ == 0) return;
  const std::size_t size = head_.size() + lines_.size() + body_.size();
  auto copy = std::make_unique_for_overwrite<char[]>(std::max<std::size_t>(size, 1));
  char* to = copy.get();
  const auto move_text = [&to](std::string_view& text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    text = {to, text.size()};
    to += text.size();
  };
  move_text(head_);
  move_text(lines_);
  move_text(body_);
  own_ = std::move(copy);
}

NotAnsweredError::~NotAnsweredError() = default;

Outcome::Outcome(Response response) noexcept
    : fate_(Fate::answered), response_(std::move(response)) {}

Outcome::Outcome(Fate fate, Fault fault) noexcept : fate_(fate), fault_(std::move(fault)) {}

const Response& Outcome::response() const& {
  if (fate_ != Fate::answered) throw NotAnsweredError("Outcome::response(): " + sentence());
  return response_;
}

Response Outcome::response() && {
  static_cast<void>(std::as_const(*this).response());
  return std::move(response_);
}

std::string Outcome::sentence() const {
  switch (fate_) {
    case Fate::answered:
      return "answered: " + std::to_string(response_.status());
    case Fate::not_sent:
      return "not sent: " + fault_.sentence();
    case Fate::in_doubt:
      return "in doubt: " + fault_.sentence();
  }
  return "unknown fate";
}

}  // namespace leasehold
