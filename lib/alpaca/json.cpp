#include "alpaca/json.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <utility>

namespace leasehold::alpaca::detail {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

rapidjson::SizeType length(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

bool has_duplicates(const std::vector<std::string>& names) {
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::ranges::sort(sorted);
  return std::ranges::adjacent_find(sorted) != sorted.end();
}

// RapidJSON refuses half of a surrogate pair ("\\ud800") only where it is the first half, and makes
// three bytes of the other that are not UTF-8. All such begin with this one.
bool is_sound(std::string_view text) {
  return text.find('\xED') == std::string_view::npos || is_utf8(text);
}

// Builds a value from the parser's events; false ends the parse.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  bool Null() { return add({}); }
  bool Bool(bool value) {
    return add({.kind = Json::Kind::boolean, .text = value ? "true" : "false"});
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return add({.kind = Json::Kind::number, .text = std::string(text, size)});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return is_sound({text, size}) &&
           add({.kind = Json::Kind::string, .text = std::string(text, size)});
  }
  bool StartObject() { return open(Json::Kind::object); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().names.emplace_back(text, size);
    return is_sound({text, size});
  }
  bool EndObject(rapidjson::SizeType) { return !has_duplicates(open_.back().names) && close(); }
  bool StartArray() { return open(Json::Kind::array); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Json take() { return std::move(whole_); }

 private:
  bool add(Json value) {
    if (++count_ > kMaxJsonValues) return false;
    if (open_.empty()) {
      whole_ = std::move(value);
    } else {
      open_.back().values.push_back(std::move(value));
    }
    return true;
  }
  bool open(Json::Kind kind) {
    if (open_.size() == kMaxJsonDepth) return false;
    open_.push_back({.kind = kind});
    return true;
  }
  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }

  std::vector<Json> open_;  // the outermost first
  Json whole_;
  std::size_t count_ = 0;
};

// Its depth is bounded.
void write(Writer& writer, const Json& value) {  // NOLINT(misc-no-recursion)
  switch (value.kind) {
    case Json::Kind::null:
      writer.Null();
      return;
    case Json::Kind::boolean:
      writer.Bool(value.text == "true");
      return;
    case Json::Kind::number:
      writer.RawValue(value.text.data(), value.text.size(), rapidjson::kNumberType);
      return;
    case Json::Kind::string:
      writer.String(value.text.data(), length(value.text));
      return;
    case Json::Kind::array:
      writer.StartArray();
      for (const Json& each : value.values) write(writer, each);
      writer.EndArray();
      return;
    case Json::Kind::object:
      writer.StartObject();
      for (std::size_t i = 0; i < value.values.size(); ++i) {
        writer.Key(value.names[i].data(), length(value.names[i]));
        write(writer, value.values[i]);
      }
      writer.EndObject();
      return;
  }
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  Builder builder;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  if (reader.Parse<flags>(stream, builder).IsError()) return std::nullopt;
  if (stream.Tell() != text.size()) return std::nullopt;  // a NUL byte looks like the end to it
  return builder.take();
}

std::string to_text(const Json& value) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write(writer, value);
  return {buffer.GetString(), buffer.GetSize()};
}

bool is_utf8(std::string_view text) {
  struct Nowhere {
    void Put(char) {}
  } nowhere;
  rapidjson::MemoryStream stream(text.data(), text.size());
  while (stream.Tell() < text.size()) {
    if (!rapidjson::UTF8<>::Validate(stream, nowhere)) return false;
  }
  return true;
}

struct JsonObject::Impl {
  rapidjson::StringBuffer buffer = {};
  Writer writer{buffer};
  void key(std::string_view name) { writer.Key(name.data(), length(name)); }
};

JsonObject::JsonObject() : impl_(std::make_unique<Impl>()) { impl_->writer.StartObject(); }
JsonObject::~JsonObject() = default;

void JsonObject::text(std::string_view name, std::string_view value) {
  impl_->key(name);
  impl_->writer.String(value.data(), length(value));
}

void JsonObject::boolean(std::string_view name, bool value) {
  impl_->key(name);
  impl_->writer.Bool(value);
}

void JsonObject::begin_object(std::string_view name) {
  impl_->key(name);
  impl_->writer.StartObject();
}

void JsonObject::end_object() { impl_->writer.EndObject(); }

void JsonObject::begin_array(std::string_view name) {
  impl_->key(name);
  impl_->writer.StartArray();
}

void JsonObject::begin_element() { impl_->writer.StartObject(); }
void JsonObject::end_array() { impl_->writer.EndArray(); }

std::string JsonObject::finish() {
  impl_->writer.EndObject();
  return {impl_->buffer.GetString(), impl_->buffer.GetSize()};
}

}  // namespace leasehold::alpaca::detail
