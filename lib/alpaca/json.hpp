#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leasehold::alpaca::detail {

// A JSON value as it came: numbers are still text, so that none loses a digit.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string text = {};                // of a string; of a number or boolean, as it was written
  std::vector<Json> values = {};        // of an array or object
  std::vector<std::string> names = {};  // of an object's values
};

// Deeper, or larger, than any answer of a venue's: what comes from outside does not decide how much
// memory or stack it takes.
inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxJsonValues = 500'000;

// Nothing if it is not one JSON text in UTF-8 within these limits whose objects have each name
// once. Throws std::bad_alloc.
std::optional<Json> parse_json(std::string_view text);

std::string to_text(const Json& value);

bool is_utf8(std::string_view text);

// Writes one object. All texts must be UTF-8.
class JsonObject {
 public:
  JsonObject();
  ~JsonObject();
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  void text(std::string_view name, std::string_view value);
  void boolean(std::string_view name, bool value);
  void begin_object(std::string_view name);
  void end_object();
  void begin_array(std::string_view name);
  void begin_element();  // an object in the array
  void end_array();
  // The whole text; once, at the end.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leasehold::alpaca::detail
