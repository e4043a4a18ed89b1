#include "leasehold/alpaca/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "alpaca/journal_line.hpp"
#include "core/quote.hpp"
#include "system/mutex.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::alpaca {

using leasehold::detail::Mutex;
using leasehold::detail::MutexLock;
using leasehold::detail::UniqueFd;

namespace {

JournalError failed(const std::string& path, std::string_view what) {
  return JournalError(leasehold::detail::quoted(path).append(": ").append(what));
}

JournalError failed(const std::string& path, std::string_view what, int error) {
  return failed(path, std::string(what) + ": " + std::generic_category().message(error));
}

bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_all(int fd, const std::string& path) {
  std::string text;
  std::array<char, 64 * 1024> part{};
  for (;;) {
    const ssize_t got = ::pread(fd, part.data(), part.size(), static_cast<off_t>(text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failed(path, "cannot be read", errno);
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

// What the lines have open. A last one without its end was cut short.
std::vector<Intent> open_in(std::string_view text, const std::string& path) {
  std::vector<Intent> open;
  std::size_t number = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    ++number;
    auto line = detail::read_journal_line(text.substr(0, end));
    if (!line) {
      throw failed(path, "line " + std::to_string(number) + ": expected a line of a journal");
    }
    if (auto* const intent = std::get_if<Intent>(&*line)) {
      open.push_back(std::move(*intent));
    } else {
      const std::string& id = std::get<detail::End>(*line).client_order_id;
      std::erase_if(open, [&id](const Intent& each) { return each.client_order_id == id; });
    }
    text.remove_prefix(end + 1);
  }
  if (!detail::may_begin_journal_line(text)) {
    throw failed(path, "line " + std::to_string(number + 1) + ": expected a line of a journal");
  }
  return open;
}

}  // namespace

Journal::~Journal() = default;
JournalError::~JournalError() = default;

// The lock guards the end of the file: a line that does not fit is taken away before the next.
struct FileJournal::File {
  File(std::string its_path, Sync its_sync) : path(std::move(its_path)), sync(its_sync) {
    if (fd.get() < 0) throw failed(path, "cannot be opened", errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw failed(path, "cannot be locked", errno);
      throw failed(path, "is in use: a journal is one process's at a time");
    }
    const std::string text = read_all(fd.get(), path);
    const bool any_open = !open_in(text, path).empty();
    const std::size_t whole = any_open ? text.rfind('\n') + 1 : 0;
    if (::ftruncate(fd.get(), static_cast<off_t>(whole)) != 0) {
      throw failed(path, "cannot be written", errno);
    }
    size = static_cast<off_t>(whole);
    if (sync == Sync::each_intent && !sync_folder()) throw failed(path, "cannot be synced", errno);
  }

  // That the file is there, not only what is in it.
  bool sync_folder() const noexcept {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened.get() >= 0 && ::fsync(opened.get()) == 0 && ::fdatasync(fd.get()) == 0;
  }

  bool append(std::string_view line) noexcept {
    const MutexLock lock(mutex);
    if (is_torn) return false;
    if (write_all(fd.get(), line)) {
      size += static_cast<off_t>(line.size());
      return true;
    }
    is_torn = ::ftruncate(fd.get(), size) != 0;
    return false;
  }

  const std::string path;
  const Sync sync;
  const UniqueFd fd{
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  Mutex mutex;
  off_t size LEASEHOLD_GUARDED_BY(mutex) = 0;
  bool is_torn LEASEHOLD_GUARDED_BY(mutex) = false;  // ends within a line, for good
};

FileJournal::FileJournal(std::string path, Sync sync)
    : file_(std::make_unique<File>(std::move(path), sync)) {}
FileJournal::~FileJournal() = default;

bool FileJournal::begin(const Intent& intent) noexcept {
  try {
    const std::string line = detail::journal_line(intent);
    // What could not be read again is not kept.
    const auto read = detail::read_journal_line(std::string_view(line).substr(0, line.size() - 1));
    return read && line.find('\n') == line.size() - 1 && file_->append(line) &&
           (file_->sync == Sync::none || ::fdatasync(file_->fd.get()) == 0);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void FileJournal::end(std::string_view client_order_id, Ended ended) noexcept {
  try {
    file_->append(detail::journal_line(client_order_id, ended));
  } catch (const std::bad_alloc&) {
    // It stays open.
  }
}

std::vector<Intent> FileJournal::open() const {
  const MutexLock lock(file_->mutex);
  return open_in(read_all(file_->fd.get(), file_->path), file_->path);
}

}  // namespace leasehold::alpaca
