#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

namespace leasehold::test {

// Holds threads at the marked points of the protocol (lending/test_point.hpp).
//
//   Gates gates;
//   Gates::Here const here(gates, "releaser");      // in the thread to be held
//   gates.hold("releaser", "freed");                // in the test, before that thread gets there
//   gates.await("releaser", "freed");               // it has arrived, and stands still
//   gates.open("releaser", "freed");                // it goes on, this time and every time
//
// Threads without a name pass every point.
class Gates {
 public:
  Gates();
  ~Gates();
  Gates(const Gates&) = delete;
  Gates& operator=(const Gates&) = delete;

  void hold(const std::string& thread, const std::string& point);
  void await(const std::string& thread, const std::string& point);
  void open(const std::string& thread, const std::string& point);

  // Names the calling thread while it lives.
  class Here {
   public:
    explicit Here(std::string name);
    ~Here();
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;
  };

  void pass(const std::string& thread, const std::string& point);

 private:
  struct Gate {
    bool held = true;
    bool reached = false;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<std::string, std::string>, Gate> gates_;
};

}  // namespace leasehold::test
