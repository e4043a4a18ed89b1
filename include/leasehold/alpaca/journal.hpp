#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "leasehold/export.hpp"

namespace leasehold::alpaca {

// An order that a program has set out to make. Texts without keys.
struct Intent {
  std::string client_order_id = {};
  std::string replaces = {};  // the order that it is to replace; empty: none, it is a new one
  std::string body = {};      // what is sent, byte by byte

  friend bool operator==(const Intent&, const Intent&) = default;
};

// How an intent ended.
enum class Ended : std::uint8_t { accepted, refused, not_sent };

// "accepted", "refused", "not_sent"
LEASEHOLD_API const char* to_string(Ended ended) noexcept;

// What outlives the program: each intent before its first byte is sent, and how it ended. An intent
// that has not ended is one whose order may or may not exist: TradingClient::recover() finds out.
// One for each account.
//
// Thread: begin() and end() are called by any number of threads at once.
class LEASEHOLD_API Journal {
 public:
  Journal() = default;
  virtual ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // False: it cannot be kept, and is not sent.
  virtual bool begin(const Intent& intent) noexcept = 0;
  // If it cannot be kept, the intent stays open, and is looked up once more.
  virtual void end(std::string_view client_order_id, Ended ended) noexcept = 0;
  // Those that have not ended, the oldest first. Throws what keeps it from telling.
  virtual std::vector<Intent> open() const = 0;
};

// Thrown by FileJournal for a file that cannot be used; what() names it, the line if it is one, and
// why.
class LEASEHOLD_API JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~JournalError() override;
};

// A journal in a file, for one process at a time. It is emptied when it is opened and no intent in
// it is open. A last line that was cut short by a crash was never begun: nothing was sent of it.
//
// Cost: a write for each line, and with Sync::each_intent an fdatasync for each intent.
class LEASEHOLD_API FileJournal final : public Journal {
 public:
  // Whether an intent is on the disk before it is sent: needed if the machine may crash, not if
  // only the program does.
  enum class Sync : std::uint8_t { none, each_intent };

  // Makes the file (mode 0600) if there is none. Throws JournalError and std::bad_alloc.
  explicit FileJournal(std::string path, Sync sync = Sync::none);
  ~FileJournal() override;

  bool begin(const Intent& intent) noexcept override;
  void end(std::string_view client_order_id, Ended ended) noexcept override;
  std::vector<Intent> open() const override;  // throws JournalError and std::bad_alloc

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace leasehold::alpaca
