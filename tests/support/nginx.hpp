#pragma once

#include <sys/types.h>

#include <string>

#include "leasehold/settings.hpp"
#include "support/temporary_folder.hpp"

namespace leasehold::test {

// nginx on a free port of the loopback, for as long as it lives, with a certificate of its own.
//
// Thread: nginx ends with the thread that started it, however that ends.
class Nginx {
 public:
  struct Setup {
    std::string program;
    std::string server;      // directives for the only server
    std::string everyone{};  // directives for all of nginx: modules to load
    unsigned workers = 1;    // processes
  };

  // Throws std::runtime_error. What nginx does not like about its directives it says on standard
  // error, and connections are refused then.
  explicit Nginx(const Setup& setup);
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  // Its origin, and the authority to trust.
  ClientSettings client() const { return {.origin = origin_, .ca_file = folder_.path("ca.pem")}; }

 private:
  void write_certificates() const;
  void start(const std::string& program, int listener);

  TemporaryFolder folder_;
  std::string origin_;
  pid_t child_ = -1;
};

}  // namespace leasehold::test
