#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "leasehold/settings.hpp"
#include "support/certificates.hpp"
#include "support/conversation.hpp"
#include "support/loopback_socket.hpp"
#include "support/patient.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_server.hpp"
#include "system/openssl.hpp"
#include "system/unique_fd.hpp"

namespace leasehold::test {

// What a hostile server does, and when.
struct Script {
  enum class Begins : std::uint8_t {
    connect,    // there is no server until listen() is called
    handshake,  // `play` gets the connection as TCP made it
    request     // `play` gets it when the probe and `preceding` requests are answered
  };

  std::function<void(Conversation&)> play = {};  // not called where there is no server
  Begins begins = Begins::request;
};

// A TLS server on a free port of 127.0.0.1 that does to its first connection, or to all, what a
// script says; every other connection is answered properly.
//
// Thread: all members, from any; one thread for each connection.
class HostileServer {
 public:
  enum class Plays : std::uint8_t { once, always };

  explicit HostileServer(Script script, std::size_t preceding = 0, Plays plays = Plays::once);
  // Cuts all connections.
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  // For a script that begins at connect: from now on there is a server, a proper one.
  void listen();

  std::uint16_t port() const { return ntohs(socket_.address().sin_port); }
  std::string ca_pem() const { return authority_.pem(); }
  // Its origin and what a client needs to trust it.
  ClientSettings client() const {
    return patient_client({.origin = socket_.origin(), .ca_file = folder_.path("ca.pem")});
  }

  // Waits until the script has sent all that it sends on connection `index` (from 0, as they were
  // accepted), and this has arrived, or the connection is over. Throws when that takes so long that
  // it never will.
  void await_done(std::size_t index);
  // What it received so far.
  Received received() const { return tally_.received(); }
  // The same when every connection is over: the clients have closed theirs. Throws as above.
  Received await_all_over();

 private:
  struct Connection {
    std::size_t index;
    std::thread thread;
  };

  void accept_all();
  void join_those_over();
  void serve(detail::UniqueFd socket, std::size_t index);
  void converse(Conversation& conversation, bool hostile);
  void note_done(std::size_t index);
  template <class Condition>
  void await(const char* what, Condition condition);

  const Script script_;
  const std::size_t preceding_;
  const Plays plays_;
  const TemporaryFolder folder_;
  const Certified authority_ = make_root("root");
  const detail::SslContextPtr context_ = make_server_context(make_server(authority_));
  const LoopbackSocket socket_;
  const detail::UniqueFd stop_;
  Tally tally_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::size_t accepted_ = 0;
  std::set<std::size_t> done_;
  std::set<std::size_t> over_;
  std::list<std::unique_ptr<Conversation>> ignored_;

  std::list<Connection> connections_;  // the accepting thread's

  std::thread accepting_;
};

}  // namespace leasehold::test
