#include "stress/http_query.hpp"

#include <httplib.h>

#include <chrono>
#include <exception>
#include <utility>

#include "leasehold/client_pool.hpp"

namespace leasehold::stress {

HttpReply http_query(ClientSettings client, HttpQuery query, const std::string& path) {
  client.request_timeout = std::chrono::minutes(1);  // a ledger is long
  ClientPool pool(std::move(client), {.name = "query", .size = 1});
  try {
    const ClientLease lease = pool.acquire();
    const httplib::Result result = query == HttpQuery::get ? lease->Get(path) : lease->Head(path);
    if (!result) return {.status = std::nullopt, .problem = httplib::to_string(result.error())};
    return {.status = result->status, .body = result->body};
  } catch (const std::exception& error) {
    return {.status = std::nullopt, .problem = error.what()};
  }
}

}  // namespace leasehold::stress
