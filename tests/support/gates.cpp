#include "support/gates.hpp"

#include <atomic>
#include <utility>

namespace leasehold::test {
namespace {

std::atomic<Gates*> current{nullptr};
thread_local std::string thread_name;

}  // namespace

Gates::Gates() { current = this; }
Gates::~Gates() { current = nullptr; }

Gates::Here::Here(std::string name) { thread_name = std::move(name); }
Gates::Here::~Here() { thread_name.clear(); }

void Gates::hold(const std::string& thread, const std::string& point) {
  const std::lock_guard lock(mutex_);
  gates_[{thread, point}] = {};
}

void Gates::await(const std::string& thread, const std::string& point) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return gates_[{thread, point}].reached; });
}

void Gates::open(const std::string& thread, const std::string& point) {
  const std::lock_guard lock(mutex_);
  gates_[{thread, point}].held = false;
  changed_.notify_all();
}

void Gates::pass(const std::string& thread, const std::string& point) {
  std::unique_lock lock(mutex_);
  const auto gate = gates_.find({thread, point});
  if (gate == gates_.end()) return;
  gate->second.reached = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !gate->second.held; });
}

}  // namespace leasehold::test

namespace leasehold::detail {

void test_point(const char* name) noexcept {
  if (test::thread_name.empty()) return;
  if (test::Gates* const gates = test::current) gates->pass(test::thread_name, name);
}

}  // namespace leasehold::detail
