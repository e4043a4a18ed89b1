#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace leasehold::test {

// The body of a market order for one share.
inline std::string order_json(const std::string& client_order_id) {
  return R"({"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day",)"
         R"("client_order_id":")" +
         client_order_id + "\"}";
}

inline std::string post_request(std::string_view body, const std::string& headers = {}) {
  return "POST /v2/orders HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string post_order(const std::string& client_order_id) {
  return post_request(order_json(client_order_id));
}

inline std::string get_request(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
}

// Waits until another thread or process has made `condition` true; throws when that takes so long
// that it never will.
template <typename Condition>
void await(Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("it never came true");
    std::this_thread::yield();
  }
}

}  // namespace leasehold::test
