// What a user's program does first; built and run against an installed leasehold in three ways.
#include <iostream>

#include <leasehold/httplib.hpp>
#include <leasehold/leasehold.hpp>

int main() {
  // Nothing listens on the discard port: the request fails, the pool goes on.
  leasehold::ClientPool pool({.origin = "https://127.0.0.1:9"}, {.name = "consumer", .size = 2});
  auto lease = pool.acquire();
  const httplib::Result answer = lease->Get("/");
  const leasehold::PoolStatus status = pool.status();
  std::cout << status.name << " " << status.origin << ": " << status.leased << " leased, "
            << status.idle << " idle\n";
  return !answer && status.leased == 1 && status.idle == 1 ? 0 : 1;
}
