// What is written before an order is sent is there after the program has died, and nothing that was
// cut short is taken for it.
#include "leasehold/alpaca/journal.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "alpaca/journal_line.hpp"
#include "leasehold/alpaca/trading_client.hpp"
#include "support/scripted_carrier.hpp"
#include "support/soon.hpp"
#include "support/temporary_folder.hpp"

using namespace leasehold;
using namespace leasehold::alpaca;
using leasehold::test::answered;
using leasehold::test::ScriptedCarrier;
using leasehold::test::soon;

namespace {

struct JournalFile {
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
  void write(std::string_view text) const { std::ofstream(path) << text; }

  leasehold::test::TemporaryFolder folder;
  std::string path = folder.path("journal");
};

Intent intent(std::string id, std::string replaces = {}) {
  return {
      .client_order_id = std::move(id), .replaces = std::move(replaces), .body = R"({"qty":"1"})"};
}

std::string problem_with(const JournalFile& file) {
  try {
    const FileJournal journal(file.path);
  } catch (const JournalError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("what has begun and not ended is open, also for the next that opens the file") {
  JournalFile file;
  const std::vector<Intent> open = {intent("a b%\n-"), intent("-", "old"), intent("é", "-")};
  {
    FileJournal journal(file.path);
    for (const Intent& each : open) CHECK(journal.begin(each));
    for (const char* const id : {"1", "2", "3"}) CHECK(journal.begin(intent(id)));
    journal.end("1", Ended::accepted);
    journal.end("2", Ended::refused);
    journal.end("3", Ended::not_sent);
    journal.end("never begun", Ended::accepted);
    CHECK(journal.open() == open);
  }
  CHECK(FileJournal(file.path, FileJournal::Sync::each_intent).open() == open);
  struct stat status {};
  REQUIRE(::stat(file.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("a file in which nothing is open is emptied when it is opened") {
  JournalFile file;
  {
    FileJournal journal(file.path);
    journal.begin(intent("1"));
    journal.end("1", Ended::accepted);
    CHECK_FALSE(file.text().empty());
  }
  const FileJournal journal(file.path);
  CHECK(file.text().empty());
}

TEST_CASE("a last line that was cut short was never begun, wherever it was cut") {
  const std::string whole = alpaca::detail::journal_line(intent("kept"));
  const std::string last = alpaca::detail::journal_line(intent("cut"));
  for (std::size_t size = 0; size < last.size(); ++size) {
    JournalFile file;
    file.write(whole + last.substr(0, size));
    FileJournal journal(file.path);
    CHECK(journal.open() == std::vector{intent("kept")});
    CHECK(journal.begin(intent("next")));
    CHECK(journal.open() == std::vector{intent("kept"), intent("next")});
  }
}

TEST_CASE("a line that is no journal's is refused with its number, and the file is left alone") {
  for (const char* const line :
       {"", "begin", "begin a", "begin a -", "begin a - x", "begin a - {", "begin - - {}", "end a",
        "end a lost", "end - accepted", "begin a% - {}", "begin a%2 - {}", "begin a%zz - {}",
        "begin a %4 {}", "finish a accepted", "end a accepted "}) {
    CAPTURE(line);
    JournalFile file;
    const std::string text = alpaca::detail::journal_line(intent("kept")) + line + "\n";
    file.write(text);
    CHECK(problem_with(file).ends_with(": line 2: expected a line of a journal"));
    CHECK(file.text() == text);
  }
}

TEST_CASE("a file that is no journal is left alone, though it has no whole line") {
  for (const char* const text : {"s3cr3t", "-----BEGIN KEY", "beginning", "ended", "x"}) {
    CAPTURE(text);
    JournalFile file;
    file.write(text);
    CHECK(problem_with(file).ends_with(": line 1: expected a line of a journal"));
    CHECK(file.text() == text);
  }
}

TEST_CASE(
    "what is open is told though the file was moved, and what could not be read is not taken") {
  JournalFile file;
  FileJournal journal(file.path);
  CHECK(journal.begin(intent("first")));
  REQUIRE(std::rename(file.path.c_str(), (file.path + ".1").c_str()) == 0);
  CHECK(journal.begin(intent("second")));
  Intent bad = intent("bad");
  bad.body = "{\n}";
  CHECK_FALSE(journal.begin(bad));
  bad.body = "no JSON";
  CHECK_FALSE(journal.begin(bad));
  CHECK_FALSE(journal.begin(intent("")));
  CHECK(journal.open() == std::vector{intent("first"), intent("second")});
}

TEST_CASE("a file that cannot be used is refused, and says why") {
  JournalFile file;
  file.path = file.folder.path("none") + "/journal";
  CHECK(problem_with(file).ends_with("journal\": cannot be opened: No such file or directory"));
  JournalFile shared;
  const FileJournal first(shared.path);
  CHECK(problem_with(shared).find("is in use") != std::string::npos);
}

TEST_CASE("an intent that does not fit is not begun, and the next that fits is") {
  JournalFile file;
  FileJournal journal(file.path);
  REQUIRE(journal.begin(intent("first")));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto was = std::signal(SIGXFSZ, SIG_IGN);
  rlimit full = before;
  full.rlim_cur = file.text().size() + 100;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
  Intent large = intent("large");
  large.body = "{\"symbol\":\"" + std::string(200, 'A') + "\"}";
  const bool took_large = journal.begin(large);
  const bool took_small = journal.begin(intent("small"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, was);
  CHECK_FALSE(took_large);
  CHECK(took_small);
  CHECK(journal.open() == std::vector{intent("first"), intent("small")});
}

TEST_CASE("lines of many threads do not mix") {
  JournalFile file;
  FileJournal journal(file.path);
  constexpr int kThreads = 8;
  constexpr int kIntents = 200;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&journal, thread] {
        for (int i = 0; i < kIntents; ++i) {
          const std::string id = std::to_string(thread) + "-" + std::to_string(i);
          journal.begin(intent(id));
          if (i % 2 == 0) journal.end(id, Ended::accepted);
        }
      });
    }
  }
  CHECK(journal.open().size() == kThreads * kIntents / 2);
}

TEST_CASE("an order of a program that died while it was sent is found by the next") {
  JournalFile file;
  const Credentials keys{.key_id = "PK", .secret_key = "s3cr3t"};
  const NewOrder order{.symbol = "SPY", .qty = Decimal::of(1), .client_order_id = "mine-1"};
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    FileJournal journal(file.path);
    auto venue = std::make_unique<ScriptedCarrier>();
    venue->plan([](const ScriptedCarrier::Carried&) -> Outcome { ::_exit(0); });
    TradingClient(std::move(venue), keys, {}, {.journal = &journal}).submit(order, soon());
    ::_exit(1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  FileJournal journal(file.path);
  CHECK(file.text().find("s3cr3t") == std::string::npos);
  auto venue = std::make_unique<ScriptedCarrier>();
  venue->plan(200, R"({"id":"1","client_order_id":"mine-1","status":"filled"})");
  const auto recovered =
      TradingClient(std::move(venue), keys, {}, {.journal = &journal}).recover(soon());
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0].intent.client_order_id == "mine-1");
  CHECK(std::holds_alternative<Accepted>(recovered[0].result));
  CHECK(journal.open().empty());
}
