#include <iterator>
#include <stdexcept>
#include <vector>

#include "leasehold/client_pool.hpp"
#include "order/contestants.hpp"

namespace leasehold::bench {
namespace {

PreparedRequest order_request(std::string_view path) {
  std::vector<Header> headers(std::begin(kCredentials), std::end(kCredentials));
  headers.push_back({"Content-Type", kContentType});
  return {Method::post, path, headers};
}

class Leasehold final : public Contestant {
 public:
  explicit Leasehold(const Task& task)
      : request_(order_request(task.path)),
        pool_(task.server, {.size = task.clients, .max_waiting = task.threads}) {
    std::vector<ClientLease> all;
    for (unsigned client = 0; client < task.clients; ++client) {
      all.push_back(pool_.acquire());
      check(all.back().send(request_, kOrder, Clock::now() + kPatience));
    }
  }

  void post(unsigned /*thread*/) override {
    check(pool_.send(request_, kOrder, Clock::now() + kPatience));
  }

 private:
  static void check(const Outcome& outcome) {
    if (!outcome) throw std::runtime_error(outcome.sentence());
    expect_answer(outcome.response().status(), outcome.response().body());
  }

  const PreparedRequest request_;
  ClientPool pool_;
};

}  // namespace

std::unique_ptr<Contestant> make_leasehold(const Task& task) {
  return std::make_unique<Leasehold>(task);
}

}  // namespace leasehold::bench
