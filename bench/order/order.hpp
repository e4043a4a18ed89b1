#pragma once

#include <chrono>
#include <string_view>

#include "leasehold/outcome.hpp"
#include "leasehold/request.hpp"
#include "leasehold/settings.hpp"

// The one request that everybody sends again and again, and what it must get.
namespace leasehold::bench {

using Clock = std::chrono::steady_clock;

inline constexpr std::string_view kContentType = "application/json";
inline constexpr Header kCredentials[] = {
    {"APCA-API-KEY-ID", "PKA1B2C3D4E5F6G7H8I9"},
    {"APCA-API-SECRET-KEY", "k3yThatOpensNothing0123456789abcdefghijk"}};
inline constexpr std::string_view kOrder =
    R"({"symbol":"AAPL","qty":"100","side":"buy","type":"limit","time_in_force":"day",)"
    R"("limit_price":"187.35","client_order_id":"1-5f3a9c1e-0-00042-00001729"})";
static_assert(kOrder.size() == 150);

// An order as Alpaca's Trading API answers with it.
inline constexpr std::string_view kAnswer =
    R"({"id":"7b08df51-c1ac-453c-99f9-323a5f075f0d",)"
    R"("client_order_id":"1-5f3a9c1e-0-00042-00001729",)"
    R"("created_at":"2026-11-23T14:31:24.577215743Z",)"
    R"("updated_at":"2026-11-23T14:31:24.578317215Z",)"
    R"("submitted_at":"2026-11-23T14:31:24.577215743Z","filled_at":null,"expired_at":null,)"
    R"("canceled_at":null,"failed_at":null,"replaced_at":null,"replaced_by":null,"replaces":null,)"
    R"("asset_id":"b0b6dd9d-8b9b-48a9-ba46-b9d54906e415","symbol":"AAPL",)"
    R"("asset_class":"us_equity","notional":null,"qty":"100","filled_qty":"0",)"
    R"("filled_avg_price":null,"order_class":"","order_type":"limit","type":"limit","side":"buy",)"
    R"("position_intent":"buy_to_open","time_in_force":"day","limit_price":"187.35",)"
    R"("stop_price":null,"status":"accepted","extended_hours":false,"legs":null,)"
    R"("trail_percent":null,"trail_price":null,"hwm":null,"subtag":null,"source":null,)"
    R"("expires_at":"2026-11-23T21:00:00Z"})";
static_assert(kAnswer.size() == 850);

// How long an answer may take. Nobody is measured when one takes that long.
inline constexpr std::chrono::seconds kPatience{10};

// Throws std::runtime_error unless it is 200 with kAnswer.
void expect_answer(int status, std::string_view body);
void check_answer(const Outcome& outcome);

// As leasehold sends it.
PreparedRequest order_request(std::string_view path);

struct Task {
  ClientSettings server;
  std::string_view path;  // of the order, on the server
  unsigned threads;
  unsigned clients;  // of a pool
};

}  // namespace leasehold::bench
