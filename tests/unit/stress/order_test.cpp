// The orders that leasehold-stress sends, and their ids.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "paper/market/order_codec.hpp"
#include "paper/market/order_rules.hpp"
#include "stress/order.hpp"

using namespace leasehold::stress;

namespace {

constexpr std::uint64_t largest_seed = std::numeric_limits<std::uint64_t>::max();

// The body without its id.
std::string terms(std::uint64_t seed, const OrderIds& ids, OrderNumber number) {
  OrderText text(seed, ids);
  text.write(number);
  std::string body(text.body());
  body.erase(body.find(text.id()), text.id().size());
  return body;
}

}  // namespace

TEST_CASE("an id leads back to its order") {
  const OrderIds ids(7, 0xab, 3);
  for (const OrderNumber number :
       {OrderNumber{0, 0}, OrderNumber{17, 42}, OrderNumber{99'999, 99'999'999}}) {
    OrderText text(7, ids);
    text.write(number);
    CHECK(text.id() == ids.text(number));
    CHECK(ids.of_this_run(text.id()));
    CHECK(ids.number(text.id()) == number);
  }
}

TEST_CASE("what no order of the run can have as its id leads to none") {
  const OrderIds ids(7, 0xab, 3);
  const std::string id = ids.text({17, 42});
  REQUIRE(id == "7-000000ab-3-00017-00000042");
  for (const std::string& other :
       {std::string(), id + "0", id.substr(0, id.size() - 1), "x" + id,
        std::string("7-000000ab-3-0001700000042"), std::string("7-000000ab-3-+0017-00000042"),
        std::string("7-000000ab-3-00017--0000042"), std::string("7-000000ab-3-0001x-00000042"),
        std::string("7-000000ab-3-000017-0000042"), std::string("7-000000ab-3-")}) {
    CAPTURE(other);
    CHECK_FALSE(ids.number(other).has_value());
  }
}

TEST_CASE("ids of other seeds, processes and runs are not of this run") {
  const OrderIds ids(7, 0xab, 3);
  for (const OrderIds& other :
       {OrderIds(77, 0xab, 3), OrderIds(7, 0xac, 3), OrderIds(7, 0xab, 33), OrderIds(7, 0xab, 1)}) {
    CHECK_FALSE(ids.of_this_run(other.text({0, 0})));
    CHECK_FALSE(ids.number(other.text({0, 0})).has_value());
  }
}

TEST_CASE("the longest id has 48 characters") {
  const OrderIds ids(largest_seed, 0xffffffff, OrderIds::kMostRuns - 1);
  const OrderNumber last{OrderIds::kMostThreads - 1, OrderIds::kMostPerThread - 1};
  CHECK(ids.text(last).size() == 48);
  OrderText text(largest_seed, ids);
  text.write(last);
  CHECK(text.id() == ids.text(last));
}

TEST_CASE("every order is one that the exchange accepts") {
  using namespace leasehold::paper::detail;
  const OrderIds ids(largest_seed, 1, 0);
  OrderText text(largest_seed, ids);
  for (std::size_t index = 0; index < 5'000; ++index) {
    text.write({index % 7, index});
    CAPTURE(text.body());
    const auto form = read_order_form(text.body());
    REQUIRE(form.has_value());
    CHECK(form->client_order_id == text.id());
    CHECK(std::holds_alternative<leasehold::paper::detail::OrderTerms>(apply_rules(*form)));
    CHECK(text.body().size() >= 120);
    CHECK(text.body().size() <= 200);
  }
}

TEST_CASE("seed, thread and index decide on the order, and nothing else") {
  const OrderIds ids(1, 1, 0);
  const OrderIds other_process(1, 2, 5);
  CHECK(terms(1, ids, {3, 4}) == terms(1, other_process, {3, 4}));
  CHECK(terms(1, ids, {3, 4}) != terms(2, ids, {3, 4}));
  CHECK(terms(1, ids, {3, 4}) != terms(1, ids, {4, 3}));

  std::set<std::string> different;
  for (std::size_t index = 0; index < 1'000; ++index) different.insert(terms(1, ids, {0, index}));
  CHECK(different.size() > 990);
}

TEST_CASE("the id in an answer is found wherever it stands") {
  CHECK(answered_id(R"({"id":"x","client_order_id":"a-1","qty":"2"})") == "a-1");
  CHECK(answered_id("{ \"client_order_id\" :\t\"a-1\" }\r\n") == "a-1");
  CHECK(answered_id(R"({"client_order_\u0069d":"a\u002d1","qty":1e99})") == "a-1");
  CHECK(answered_id(R"({"legs":[],"source":null,"hwm":{},"client_order_id":"a-1"})") == "a-1");
}

TEST_CASE("the id of what is nested in an answer is not the order's") {
  const std::string legs = R"("legs":[{"client_order_id":"b"},["client_order_id","b"]])";
  CHECK(answered_id("{" + legs + R"(,"client_order_id":"a-1"})") == "a-1");
  CHECK(answered_id(R"({"client_order_id":"a-1",)" + legs + "}") == "a-1");
  CHECK_FALSE(answered_id("{" + legs + "}").has_value());
  CHECK_FALSE(answered_id(R"([{"client_order_id":"a-1"}])").has_value());
}

TEST_CASE("an answer without exactly one id in whole JSON has none") {
  for (const std::string& body : {
           std::string(R"({"client_order_id":""})"),
           std::string(R"({"client_order_id":null})"),
           std::string(R"({"client_order_id":7})"),
           std::string(R"({"client_order_id":["a-1"]})"),
           std::string(R"({"client_order_id":{"client_order_id":"a-1"}})"),
           std::string(R"({"client_order_id":"a-1","client_order_id":"b"})"),
           std::string(R"({"client_order_id":"a-1","client_order_id":"a-1"})"),
           std::string(R"({"client_order_id":"a-1)"),
           std::string(R"({"client_order_id":"a-1","qty":)"),
           std::string(R"({"client_order_id":"a-1"}{"client_order_id":"b"})"),
           std::string(R"({"client_order_id":"a-1"})") + std::string(1, '\0') + "x",
           std::string(R"({"client_order_id":"a-1","note":")") + "\xff\"}",
           std::string(R"({"client_order_id" "a-1"})"),
           std::string(R"({"client_order_id")"),
           std::string(R"("client_order_id":"a-1")"),
           std::string(R"("client_order_id")"),
           std::string(R"({"code":42210000})"),
           std::string("null"),
           std::string(),
           std::string(1'000'000, '['),
       }) {
    CAPTURE(body.substr(0, 80));
    CHECK_FALSE(answered_id(body).has_value());
  }
}

TEST_CASE("however deep an answer is nested, reading it does not end the process") {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  CHECK_FALSE(answered_id(deep).has_value());
  CHECK(answered_id(R"({"legs":)" + deep + R"(,"client_order_id":"a-1"})") == "a-1");
}
