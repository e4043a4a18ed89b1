#include <vector>

#include "leasehold/client_pool.hpp"
#include "order/contestants.hpp"

namespace leasehold::bench {
namespace {

class Leasehold final : public Contestant {
 public:
  explicit Leasehold(const Task& task)
      : request_(order_request(task.path)),
        pool_(task.server, {.size = task.clients, .max_waiting = task.threads}) {
    std::vector<ClientLease> all;
    for (unsigned client = 0; client < task.clients; ++client) {
      all.push_back(pool_.acquire());
      check_answer(all.back().send(request_, kOrder, Clock::now() + kPatience));
    }
  }

  std::optional<Clock::duration> post(unsigned /*thread*/) override {
    check_answer(pool_.send(request_, kOrder, Clock::now() + kPatience));
    return std::nullopt;
  }

 private:
  const PreparedRequest request_;
  ClientPool pool_;
};

}  // namespace

std::unique_ptr<Contestant> make_leasehold(const Task& task) {
  return std::make_unique<Leasehold>(task);
}

}  // namespace leasehold::bench
