#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <variant>

#include "channel/response_line.hpp"
#include "leasehold/outcome.hpp"
#include "system/wake_signal.hpp"

namespace leasehold::detail {

// Where an outcome goes: once.
class Reply {
 public:
  explicit Reply(std::promise<Outcome> promise) noexcept : to_(std::move(promise)) {}
  explicit Reply(std::function<void(Outcome)> callback) noexcept : to_(std::move(callback)) {}
  // Makes the place where it will lie. Throws std::bad_alloc.
  Reply(std::shared_ptr<ResponseLine> line, std::uint64_t id)
      : to_(ToLine{std::move(line), std::make_unique<ResponseLine::Place>(id)}) {}

  bool is_callback() const noexcept { return std::holds_alternative<Callback>(to_); }

  // Whom to wake, as ResponseLine says. Throws what a callback throws.
  [[nodiscard]] WakeSignal* deliver(Outcome outcome) {
    if (auto* const promise = std::get_if<std::promise<Outcome>>(&to_)) {
      promise->set_value(std::move(outcome));
    } else if (auto* const callback = std::get_if<Callback>(&to_)) {
      (*callback)(std::move(outcome));
    } else {
      auto& [line, place] = std::get<ToLine>(to_);
      return line->lay_down(std::move(place), std::move(outcome));
    }
    return nullptr;
  }

 private:
  using Callback = std::function<void(Outcome)>;
  struct ToLine {
    std::shared_ptr<ResponseLine> line;
    std::unique_ptr<ResponseLine::Place> place;
  };
  std::variant<std::promise<Outcome>, Callback, ToLine> to_;
};

}  // namespace leasehold::detail
