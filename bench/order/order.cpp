#include "order/order.hpp"

#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace leasehold::bench {

void expect_answer(int status, std::string_view body) {
  if (status == 200 && body == kAnswer) [[likely]]
    return;
  if (status != 200) {
    throw std::runtime_error("expected status 200, got " + std::to_string(status));
  }
  throw std::runtime_error("expected the order of " + std::to_string(kAnswer.size()) +
                           " bytes, got another body, of " + std::to_string(body.size()));
}

void check_answer(const Outcome& outcome) {
  if (!outcome) throw std::runtime_error(outcome.sentence());
  expect_answer(outcome.response().status(), outcome.response().body());
}

PreparedRequest order_request(std::string_view path) {
  std::vector<Header> headers(std::begin(kCredentials), std::end(kCredentials));
  headers.push_back({"Content-Type", kContentType});
  return {Method::post, path, headers};
}

}  // namespace leasehold::bench
