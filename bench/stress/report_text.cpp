#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "core/quote.hpp"
#include "stress/figures.hpp"
#include "stress/findings.hpp"
#include "stress/report.hpp"

namespace leasehold::stress {
namespace {

constexpr std::size_t label_width = 28;
constexpr std::size_t cell_width = 18;
constexpr std::size_t ratio_width = 8;

// What a terminal shows: one column for each UTF-8 character.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string padding(std::string_view text, std::size_t to) {
  return std::string(to - std::min(to, width(text)), ' ');
}
std::string left(std::string_view text) { return std::string(text) + padding(text, label_width); }
std::string right(std::string_view text, std::size_t to = cell_width) {
  return padding(text, to) + std::string(text);
}

std::string with_commas(std::string digits, std::size_t whole) {
  for (std::size_t at = whole; at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string number(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return with_commas(digits, digits.size());
}

// Three decimals below 10, one below 1,000, none from there on; fewer if there are to be.
std::string number(double value, int most_decimals = 3) {
  std::array<char, 48> text{};
  const int decimals = std::min(most_decimals, value < 10 ? 3 : value < 1000 ? 1 : 0);
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  const std::string digits(text.data(), static_cast<std::size_t>(length));
  return with_commas(digits, std::min(digits.find('.'), digits.size()));
}

std::string number(std::size_t value, std::string_view singular) {
  return number(value) + ' ' + std::string(singular) + (value == 1 ? "" : "s");
}

template <class Value>
std::string known(const std::optional<Value>& value) {
  return value ? number(*value) : "unknown";
}

// A row of the account: summed up over the runs of a strategy.
using MaybeCount = std::optional<std::uint64_t>;
struct Count {
  std::string_view label;
  MaybeCount (*of)(const RunResult& run);
};

template <std::size_t Account::*field>
MaybeCount orders(const RunResult& run) {
  return run.account.*field;
}
template <auto field>
MaybeCount listed(const RunResult& run) {
  if (!run.account.ledger) return std::nullopt;
  return ((*run.account.ledger).*field).size();
}

constexpr std::array counts = {
    Count{"handshakes, engine", [](const RunResult& run) { return run.use.handshakes.engine; }},
    Count{"handshakes, maintenance",
          [](const RunResult& run) -> MaybeCount { return run.use.handshakes.maintenance; }},
    Count{"orders", orders<&Account::orders>},
    Count{"not sent", orders<&Account::not_sent>},
    Count{"sent",
          [](const RunResult& run) -> MaybeCount {
            return run.account.answered + run.account.refused + run.account.in_doubt;
          }},
    Count{"answered", orders<&Account::answered>},
    Count{"refused", orders<&Account::refused>},
    Count{"in doubt", orders<&Account::in_doubt>},
    Count{"in the exchange's ledger",
          [](const RunResult& run) -> MaybeCount {
            if (!run.account.ledger) return std::nullopt;
            return run.account.ledger->orders;
          }},
    Count{"missing", listed<&LedgerAccount::missing>},
    Count{"twice", listed<&LedgerAccount::twice>},
    Count{"unknown", listed<&LedgerAccount::strangers>},
};

MaybeCount sum(const Count& count, const std::vector<RunResult>& runs, StrategyKind strategy) {
  std::uint64_t total = 0;
  for (const RunResult& run : runs) {
    if (run.strategy != strategy) continue;
    const MaybeCount value = count.of(run);
    if (!value) return std::nullopt;
    total += *value;
  }
  return total;
}

std::string heading(const std::vector<RunResult>& runs, const std::string& venue) {
  const RunResult& run = runs.front();
  std::string text = number(run.plan.threads, "thread") + " × " +
                     number(run.plan.orders_per_thread, "order") + ", pool of " +
                     number(run.pool_size, "client") + ", requests by " + to_string(run.requests) +
                     (run.tenants > 0 ? ", " + number(run.tenants, "tenant") : "") + ", seed " +
                     std::to_string(run.plan.seed) + ", " + venue + '\n';
  if (runs.size() > 1) {
    text += number(runs.size(), "run") +
            "; times and rates are medians of each strategy's, counts are sums";
    if (strategies_in(runs).size() > 1) text += "; × is the ratio to the first";
    text += '\n';
  }
  return text;
}

std::string table(const std::vector<RunResult>& runs) {
  const std::vector<StrategyKind> strategies = strategies_in(runs);
  std::string text = left("");
  for (const StrategyKind strategy : strategies) {
    text += right(to_string(strategy));
    if (strategy != strategies.front()) text += right("×", ratio_width);
  }
  text += '\n';
  for (const Figure& figure : figures()) {
    text += left(figure.label);
    for (const StrategyKind strategy : strategies) {
      const std::optional<double> value = median(figure, runs, strategy);
      text += right(value ? number(*value, figure.most_decimals) : "unknown");
      if (strategy == strategies.front()) continue;
      const auto to_first = figure.name.empty() ? std::nullopt : ratio(figure, runs, strategy);
      text += right(to_first ? number(*to_first) : "", ratio_width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  for (const Count& count : counts) {
    text += left(count.label);
    for (const StrategyKind strategy : strategies) {
      text += right(known(sum(count, runs, strategy)));
      if (strategy != strategies.front()) text += right("", ratio_width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

// "missing: 3 orders: ID ID ID"; nothing if there are none. What a server said is quoted, so that
// it cannot speak to the terminal.
std::string list(const Finding& finding) {
  const std::size_t orders = finding.orders.value_or(0);
  if (orders == 0) return {};
  std::string text = "  " + std::string(finding.heading) + ": " + number(orders, "order") + '\n';
  for (const std::string& id : finding.ids) {
    text += "    " + (finding.from_server ? detail::quoted(id) : id) + '\n';
  }
  const std::size_t more = orders - finding.ids.size();
  if (more > 0) text += "    and " + number(more) + " more\n";
  return text;
}

std::string remarks(const RunResult& run) {
  std::string text;
  for (const auto& [failure, count] : run.failures) {
    text += "  not answered: " + number(count, "order") + ": " + failure + '\n';
  }
  if (!run.complete()) {
    text += "  interrupted after " + number(run.account.orders) + " of " +
            number(run.plan.threads * run.plan.orders_per_thread, "order") + '\n';
  }
  switch (run.ledger) {
    case LedgerReading::State::read:
      break;
    case LedgerReading::State::not_kept:
      text += "  the server keeps no ledger (" + run.ledger_problem +
              "): only what it answered is known, not what it did\n";
      break;
    case LedgerReading::State::failed:
      text += "  the ledger could not be read: " + run.ledger_problem + '\n';
      break;
  }
  if (run.account.ledger && run.account.in_doubt > 0) {
    text +=
        "  of those in doubt, in the ledger: " + number(run.account.ledger->in_doubt_committed) +
        '\n';
  }
  for (const Finding& finding : findings(run)) text += list(finding);
  return text;
}

const char* conclusion(const std::vector<RunResult>& runs) {
  const auto is = [&runs](auto condition) { return std::ranges::any_of(runs, condition); };
  if (is([](const RunResult& run) { return !run.account.adds_up(); })) {
    return "The account does not add up.";
  }
  if (is([](const RunResult& run) { return run.ledger == LedgerReading::State::failed; })) {
    return "There is no account without the ledger.";
  }
  if (is([](const RunResult& run) { return !run.complete(); })) {
    return "Interrupted; the account adds up so far.";
  }
  if (is([](const RunResult& run) { return run.account.answered < run.account.orders; })) {
    return "The account adds up, but not every order was answered.";
  }
  if (is([](const RunResult& run) { return run.ledger == LedgerReading::State::not_kept; })) {
    return "Every order was answered; what the exchange did with them is not known.";
  }
  return "Every order was answered, and is in the exchange's ledger exactly once.";
}

}  // namespace

std::string report_text(const std::vector<RunResult>& runs, const std::string& venue) {
  std::string text = heading(runs, venue) + '\n' + table(runs) + '\n';
  for (std::size_t at = 0; at < runs.size(); ++at) {
    const std::string said = remarks(runs[at]);
    if (said.empty()) continue;
    text += "run " + std::to_string(at + 1) + ", " + to_string(runs[at].strategy) + ":\n" + said;
  }
  return text + conclusion(runs) + '\n';
}

}  // namespace leasehold::stress
