#include "support/hostile_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace leasehold::test {

using detail::UniqueFd;

namespace {

bool is_readable(int descriptor) {
  pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&ready, 1, 0) > 0;
}

}  // namespace

HostileServer::HostileServer(Script script, std::size_t preceding, Plays plays)
    : script_(std::move(script)),
      preceding_(preceding),
      plays_(plays),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  folder_.write("ca.pem", ca_pem());
  if (script_.begins != Script::Begins::connect) listen();
}

HostileServer::~HostileServer() {
  ::eventfd_write(stop_.get(), 1);
  if (accepting_.joinable()) accepting_.join();
  for (Connection& connection : connections_) connection.thread.join();
}

void HostileServer::listen() {
  // A little, that does not grow: so that a sender is held up by a server that does not read.
  const int buffer = 64 * 1024;
  ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  socket_.listen(SOMAXCONN);
  accepting_ = std::thread([this] { accept_all(); });
}

template <class Condition>
void HostileServer::await(const char* what, Condition condition) {
  std::unique_lock lock(mutex_);
  // Many waits, and not one long one: a machine that stood still for that long has used one of
  // them.
  for (int waits = 0; waits < 120; ++waits) {
    if (changed_.wait_for(lock, std::chrono::seconds(1), condition)) return;
  }
  std::string sentence =
      std::string(what) + ": " + std::to_string(accepted_) + " connections accepted";
  for (std::size_t index = 0; index < accepted_; ++index) {
    sentence += ", " + std::to_string(index) +
                (over_.contains(index)   ? " is over"
                 : done_.contains(index) ? " has done its part"
                                         : " is at its script");
  }
  throw std::runtime_error(sentence);
}

void HostileServer::await_done(std::size_t index) {
  await("a script never came to its end", [&] { return done_.contains(index); });
}

Received HostileServer::await_all_over() {
  // What a client has sent and closed may still wait to be accepted.
  await("a client never closed its connection",
        [&] { return over_.size() == accepted_ && !is_readable(socket_.descriptor()); });
  return received();
}

void HostileServer::note_done(std::size_t index) {
  const std::lock_guard lock(mutex_);
  done_.insert(index);
  changed_.notify_all();
}

void HostileServer::accept_all() {
  for (;;) {
    std::array<pollfd, 2> ready{{{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (ready[1].revents != 0) return;
    if (ready[0].revents == 0) continue;
    join_those_over();
    std::unique_lock lock(mutex_);  // see await_all_over()
    UniqueFd socket(::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.get() < 0) continue;
    const std::size_t index = accepted_++;
    lock.unlock();
    tally_.note([](Received& received) { ++received.connections; });
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back(
        {.index = index, .thread = std::thread([this, index, moved = std::move(socket)]() mutable {
                           serve(std::move(moved), index);
                         })});
  }
}

void HostileServer::join_those_over() {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    std::unique_lock lock(mutex_);
    const bool over = over_.contains(connection->index);
    lock.unlock();
    if (over) {
      connection->thread.join();
      connection = connections_.erase(connection);
    } else {
      ++connection;
    }
  }
}

void HostileServer::serve(UniqueFd socket, std::size_t index) {
  const bool hostile = script_.play && (index == 0 || plays_ == Plays::always);
  auto conversation = std::make_unique<Conversation>(std::move(socket), stop_.get(), context_.get(),
                                                     tally_, [this, index] { note_done(index); });
  try {
    converse(*conversation, hostile);
  } catch (const Conversation::Over&) {
  } catch (const Conversation::Ignored&) {
    const std::lock_guard lock(mutex_);
    ignored_.push_back(std::move(conversation));
  }
  conversation.reset();  // before it is said to be over
  const std::lock_guard lock(mutex_);
  done_.insert(index);
  over_.insert(index);
  changed_.notify_all();
}

void HostileServer::converse(Conversation& conversation, bool hostile) {
  if (hostile && script_.begins == Script::Begins::handshake) return script_.play(conversation);
  conversation.handshake();
  if (hostile) conversation.answer_probe();
  for (std::size_t answered = 0; !hostile || answered < preceding_; ++answered) {
    conversation.answer(conversation.read_request());
  }
  script_.play(conversation);
}

}  // namespace leasehold::test
