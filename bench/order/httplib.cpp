#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/origin.hpp"
#include "leasehold/httplib.hpp"
#include "order/contestants.hpp"

namespace leasehold::bench {
namespace {

// What an expert sets by hand: keep-alive, TCP_NODELAY, and texts that are made once.
class TunedClient {
 public:
  explicit TunedClient(const Task& task)
      : path_(task.path), client_(make(detail::parse_origin(task.server.origin))) {
    for (const Header& header : kCredentials) {
      headers_.emplace(std::string(header.name), std::string(header.value));
    }
    client_->enable_server_certificate_verification(true);
    client_->set_ca_cert_path(task.server.ca_file);
    client_->set_keep_alive(true);
    client_->set_tcp_nodelay(true);
    client_->set_connection_timeout(kPatience);
    client_->set_read_timeout(kPatience);
    client_->set_write_timeout(kPatience);
    post();
  }

  void post() {
    const httplib::Result result = client_->Post(path_, headers_, order_, content_type_);
    if (!result) throw std::runtime_error("no answer: " + httplib::to_string(result.error()));
    expect_answer(result->status, result->body);
  }

 private:
  static std::unique_ptr<httplib::SSLClient> make(const detail::Origin& origin) {
    return std::make_unique<httplib::SSLClient>(origin.host, origin.port);
  }

  const std::string path_;
  const std::string order_{kOrder};
  const std::string content_type_{kContentType};
  httplib::Headers headers_;
  const std::unique_ptr<httplib::SSLClient> client_;
};

std::vector<std::unique_ptr<TunedClient>> connected(const Task& task, unsigned clients) {
  std::vector<std::unique_ptr<TunedClient>> all;
  while (all.size() < clients) all.push_back(std::make_unique<TunedClient>(task));
  return all;
}

class Tuned final : public Contestant {
 public:
  explicit Tuned(const Task& task) : clients_(connected(task, task.threads)) {}

  std::optional<Clock::duration> post(unsigned thread) override {
    clients_[thread]->post();
    return std::nullopt;
  }

 private:
  const std::vector<std::unique_ptr<TunedClient>> clients_;
};

class MutexPool final : public Contestant {
 public:
  explicit MutexPool(const Task& task) : idle_(connected(task, task.clients)) {}

  std::optional<Clock::duration> post(unsigned /*thread*/) override {
    const Loan loan(*this);
    loan.client->post();
    return std::nullopt;
  }

 private:
  struct Loan {
    explicit Loan(MutexPool& of) : pool(of), client(of.take()) {}
    ~Loan() { pool.give_back(std::move(client)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    MutexPool& pool;
    std::unique_ptr<TunedClient> client;
  };

  std::unique_ptr<TunedClient> take() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !idle_.empty(); });
    std::unique_ptr<TunedClient> client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }

  void give_back(std::unique_ptr<TunedClient> client) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(client));
    }
    not_empty_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable not_empty_;
  std::vector<std::unique_ptr<TunedClient>> idle_;
};

}  // namespace

std::unique_ptr<Contestant> make_tuned(const Task& task) { return std::make_unique<Tuned>(task); }
std::unique_ptr<Contestant> make_mutex_pool(const Task& task) {
  return std::make_unique<MutexPool>(task);
}

}  // namespace leasehold::bench
