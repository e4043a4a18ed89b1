#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leasehold/alpaca/decimal.hpp"
#include "leasehold/alpaca/order.hpp"

namespace leasehold::alpaca {

// What an account has, as Alpaca's Trading API tells it. Values; field names are the API's, and
// what it leaves out, or gives as null, is empty.

// GET /v2/account
struct Account {
  std::string id = {};
  std::string account_number = {};
  std::string status = {};  // "ACTIVE"
  std::string currency = {};
  std::optional<Decimal> cash = {};
  std::optional<Decimal> buying_power = {};
  std::optional<Decimal> equity = {};
  std::optional<Decimal> last_equity = {};
  std::optional<Decimal> portfolio_value = {};
  std::optional<Decimal> long_market_value = {};
  std::optional<Decimal> short_market_value = {};
  std::optional<Decimal> initial_margin = {};
  std::optional<Decimal> maintenance_margin = {};
  std::optional<Decimal> multiplier = {};
  std::int64_t daytrade_count = 0;
  bool pattern_day_trader = false;
  bool trading_blocked = false;
  bool transfers_blocked = false;
  bool account_blocked = false;
  bool trade_suspended_by_user = false;
  bool shorting_enabled = false;
  std::optional<Time> created_at = {};
  std::vector<Extra> extras = {};
};

// GET /v2/positions/{symbol}
struct Position {
  std::string asset_id = {};
  std::string symbol = {};
  std::string exchange = {};
  std::string asset_class = {};
  std::string side = {};  // "long" or "short"
  Decimal qty = {};
  std::optional<Decimal> qty_available = {};
  std::optional<Decimal> avg_entry_price = {};
  std::optional<Decimal> market_value = {};
  std::optional<Decimal> cost_basis = {};
  std::optional<Decimal> unrealized_pl = {};
  std::optional<Decimal> current_price = {};
  std::vector<Extra> extras = {};
};

// GET /v2/clock
struct MarketClock {
  Time timestamp = {};
  bool is_open = false;
  Time next_open = {};
  Time next_close = {};
};

}  // namespace leasehold::alpaca
