#include "order/order.hpp"

#include <stdexcept>
#include <string>

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

}  // namespace leasehold::bench
