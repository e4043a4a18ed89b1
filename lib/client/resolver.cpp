#include "client/resolver.hpp"

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "system/mutex.hpp"

namespace leasehold::detail {

Resolution look_up(const Origin& origin) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status =
      ::getaddrinfo(origin.host.c_str(), std::to_string(origin.port).c_str(), &hints, &found);
  if (status != 0) {
    const std::string why = status == EAI_SYSTEM ? std::generic_category().message(errno)
                                                 : std::string(::gai_strerror(status));
    return {{}, origin.host + ": " + why};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> free(found, ::freeaddrinfo);
  Resolution resolution;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      resolution.addresses.emplace_back(text.data());
    }
  }
  if (!resolution) resolution.problem = origin.host + ": no address";
  return resolution;
}

struct Resolver::State : std::enable_shared_from_this<State> {
  State(Origin from, Lookup by) : origin(std::move(from)), lookup(std::move(by)) {}

  void start() LEASEHOLD_REQUIRES(mutex) {
    if (looking) return;
    std::thread([self = shared_from_this()] { self->look(); }).detach();
    looking = true;
  }

  void look() noexcept {
    ::pthread_setname_np(::pthread_self(), "leasehold-dns");  // not that of the one that asked
    Resolution found;
    try {
      found = lookup(origin);
    } catch (...) {  // only memory can be missing; the short text needs none
      found.problem = "out of memory";
    }
    const MutexLock lock(mutex);
    looking = false;
    if (found) {
      known = std::move(found);
      known_since.reset();
      suspected = false;
    } else {
      ++failures;
      problem = std::move(found.problem);
    }
    for (WakeSignal* const listener : listeners) listener->nudge();
  }

  const Origin origin;
  const Lookup lookup;

  Mutex mutex;
  Resolution known LEASEHOLD_GUARDED_BY(mutex);
  // When they were first asked for: the look-up's thread may outlive whoever has a clock.
  std::optional<TimePoint> known_since LEASEHOLD_GUARDED_BY(mutex);
  bool suspected LEASEHOLD_GUARDED_BY(mutex) = false;  // renew them, however fresh
  std::string problem LEASEHOLD_GUARDED_BY(mutex);     // of the last look-up that failed
  std::uint64_t failures LEASEHOLD_GUARDED_BY(mutex) = 0;
  bool looking LEASEHOLD_GUARDED_BY(mutex) = false;  // a thread is
  std::vector<WakeSignal*> listeners LEASEHOLD_GUARDED_BY(mutex);
};

Resolver::Resolver(const Origin& origin, Lookup lookup)
    : state_(std::make_shared<State>(origin, std::move(lookup))) {
  const MutexLock lock(state_->mutex);
  if (origin.kind != HostKind::name) state_->known.addresses = {origin.host};
}

Resolver::~Resolver() = default;

Resolver::Question::Question(const Resolver& resolver, WakeSignal& signal)
    : state_(*resolver.state_), signal_(signal) {
  const MutexLock lock(state_.mutex);
  state_.listeners.push_back(&signal_);
  failures_before_ = state_.failures;
}

Resolver::Question::~Question() {
  const MutexLock lock(state_.mutex);
  std::erase(state_.listeners, &signal_);
}

std::optional<Resolution> Resolver::Question::answer(TimePoint now) {
  const MutexLock lock(state_.mutex);
  if (state_.known) {
    if (!state_.known_since) state_.known_since = now;
    const bool looked_up = state_.origin.kind == HostKind::name;
    if (looked_up && (state_.suspected || now - *state_.known_since > kFresh)) {
      try {
        state_.start();
      } catch (const std::exception&) {  // no thread, or no memory: what is known must do
      }
    }
    return state_.known;
  }
  if (state_.failures != failures_before_) return Resolution{{}, state_.problem};
  state_.start();
  return std::nullopt;
}

void Resolver::suspect() const noexcept {
  const MutexLock lock(state_->mutex);
  state_->suspected = true;
}

}  // namespace leasehold::detail
