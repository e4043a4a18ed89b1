// The only includer of RapidJSON in the core.
#include <rapidjson/reader.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "core/settings_table.hpp"
#include "leasehold/settings_sources.hpp"

namespace leasehold {
namespace detail {
namespace {

constexpr const char* source = "JSON";

// More is not a settings file; a device such as /dev/zero would never end.
constexpr std::size_t most_bytes = 1 << 20;

template <class Range, class Projection = std::identity>
[[noreturn]] void refuse_unknown(const std::string& where, const std::string& name,
                                 const Range& range, Projection spelled = {}) {
  std::string known;
  for (const auto& row : range) {
    (known += known.empty() ? "one of " : ", ") += std::invoke(spelled, row);
  }
  throw SettingsError(where, name, known);
}

// Takes RapidJSON's events: an object of sections, each of them an object of fields. Whatever does
// not belong there is refused by an exception at once, so nesting never grows deeper.
// Numbers come as they were written, so no value passes through a floating-point number.
class Handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  explicit Handler(Settings base) : builder_(std::move(base)) {}

  const Settings& settings() const { return builder_.settings(); }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string name(text, length);
    if (section_.empty()) {
      const auto section = std::ranges::find(sections, name);
      if (section == std::end(sections)) refuse_unknown(source, name, sections);
      builder_.once(source, name);
      next_section_ = *section;
    } else {
      const auto known = fields_of(section_);
      const auto field = std::ranges::find(known, name, &Field::name);
      if (field == known.end()) refuse_unknown(std::string(section_), name, known, &Field::name);
      builder_.once(std::string(section_), name);
      field_ = &*field;
    }
    return true;
  }

  bool StartObject() {
    if (!in_root_) {
      in_root_ = true;
    } else if (section_.empty()) {
      section_ = next_section_;
    } else {
      refuse("{", "an object");
    }
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    section_ = {};
    return true;
  }

  bool StartArray() { refuse("[", "an array"); }
  bool Null() { refuse("null", "null"); }
  bool Bool(bool value) { return set(value ? "true" : "false", JsonType::boolean, "a boolean"); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return set({text, length}, JsonType::number, "a number");
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return set({text, length}, JsonType::string, "a string");
  }

 private:
  bool set(std::string_view text, JsonType type, const char* type_name) {
    // A string in place of an object is no field's: it may be anything, and is not shown.
    if (section_.empty()) refuse(type == JsonType::string ? "***" : text, type_name);
    if (field_->json_type != type) refuse(text, type_name);
    builder_.set(*field_, field_->json_name(), text);
    return true;
  }

  // `text` is of a type that has no place here.
  [[noreturn]] void refuse(std::string_view text, const std::string& type_name) const {
    std::string where, expected;
    if (!in_root_) {
      where = source;
      expected = "an object";
    } else if (section_.empty()) {
      where = next_section_;
      expected = "an object";
    } else {
      where = field_->json_name();
      expected = field_->expected(text);
    }
    throw SettingsError(where, std::string(text), expected + ", not " + type_name);
  }

  SettingsBuilder builder_;
  bool in_root_ = false;
  std::string_view next_section_;  // the last key in the root object
  std::string_view section_;       // the section that is open; empty: none
  const Field* field_ = nullptr;   // the last key in a section
};

const char* expectation(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "an object";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "nothing after the object";
    case rapidjson::kParseErrorValueInvalid:
      return "a value";
    case rapidjson::kParseErrorObjectMissName:
      return "a name in double quotes";
    case rapidjson::kParseErrorObjectMissColon:
      return R"(":" after the name)";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return R"("," or "}" after the value)";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return R"(four hex digits after "\u")";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "a pair of surrogates";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "a valid escape in the string";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return R"(a closing ")";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "valid UTF-8";
    case rapidjson::kParseErrorNumberTooBig:
      return "a smaller number";
    case rapidjson::kParseErrorNumberMissFraction:
      return "a digit after the decimal point";
    case rapidjson::kParseErrorNumberMissExponent:
      return "a digit in the exponent";
    default:
      return "valid JSON";
  }
}

// Names the place as an editor shows it, and quotes the character there: no more, for where the
// syntax is broken, nobody knows what is part of a secret.
[[noreturn]] void refuse_syntax(std::string_view json, std::size_t offset, std::string expected) {
  offset = std::min(offset, json.size());
  const std::string_view before = json.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = offset - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  const std::string_view rest = json.substr(offset);
  if (rest.empty()) expected += ", not the end";
  throw SettingsError(
      std::string(source) + " line " + std::to_string(line) + ", column " + std::to_string(column),
      std::string(rest.substr(0, 1)), expected);
}

std::string read_file(const std::string& path) {
  const auto refuse = [&path](int error) {
    throw SettingsError("settings file", path,
                        "a readable file (" + std::generic_category().message(error) + ")");
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) refuse(errno);
  std::string text(most_bytes + 1, '\0');  // one more, for what is too long to be noticed
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) refuse(errno);
  return text;
}

}  // namespace
}  // namespace detail

Settings settings_from_json(std::string_view json, Settings base) {
  using namespace detail;
  if (json.size() > most_bytes) {
    throw SettingsError(source, "a longer text",
                        "at most " + std::to_string(most_bytes) + " bytes");
  }
  // Editors on Windows begin files with a byte order mark, and show columns without it.
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (json.starts_with(byte_order_mark)) json.remove_prefix(byte_order_mark.size());
  // RapidJSON takes a NUL for the end of the text and would leave the rest unread.
  const std::size_t nul = json.find('\0');
  if (nul != std::string_view::npos) refuse_syntax(json, nul, "no NUL byte");

  // In place, on a copy: so RapidJSON needs no stack, whose first use in 1.1.0 adds to a null
  // pointer. Before it refuses a UTF-8 sequence that the end cuts short, it has read as if it were
  // complete: NUL and two bytes more.
  std::vector<char> copy(json.size() + 3);
  std::ranges::copy(json, copy.begin());
  rapidjson::InsituStringStream stream(copy.data());
  constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  Handler handler(std::move(base));
  const rapidjson::ParseResult result = rapidjson::Reader().Parse<flags>(stream, handler);
  if (result.IsError()) refuse_syntax(json, result.Offset(), expectation(result.Code()));
  return handler.settings();
}

Settings settings_from_json_file(const std::string& path, Settings base) {
  const std::string json = detail::read_file(path);
  try {
    return settings_from_json(json, std::move(base));
  } catch (const SettingsError& error) {
    throw SettingsError(path + ": " + error.field(), error.value(), error.expected());
  }
}

}  // namespace leasehold
