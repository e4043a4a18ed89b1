#include "stress/http_query.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "leasehold/client_pool.hpp"
#include "leasehold/httplib.hpp"

namespace leasehold::stress {

HttpReply http_query(ClientSettings client, HttpQuery query, const std::string& path,
                     std::size_t most_bytes) {
  client.request_timeout = std::chrono::minutes(1);  // a ledger is long
  ClientPool pool(std::move(client), {.name = "query", .size = 1});
  try {
    const ClientLease lease = pool.acquire();
    std::string body;
    bool too_long = false;
    const auto take = [&](const char* data, std::size_t size) {
      too_long = size > most_bytes - body.size();
      if (!too_long) body.append(data, size);
      return !too_long;
    };
    const httplib::Result result =
        query == HttpQuery::get ? lease->Get(path, take) : lease->Head(path);
    if (too_long) {
      return {.status = std::nullopt,
              .problem = "an answer of more than " + std::to_string(most_bytes) + " bytes"};
    }
    if (!result) return {.status = std::nullopt, .problem = httplib::to_string(result.error())};
    return {.status = result->status, .body = std::move(body)};
  } catch (const std::exception& error) {
    return {.status = std::nullopt, .problem = error.what()};
  }
}

}  // namespace leasehold::stress
