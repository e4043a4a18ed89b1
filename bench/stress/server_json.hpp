#pragma once

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <string_view>

namespace leasehold::stress {

// Gives `handler` (one of RapidJSON's) the events of a text that a server sent; numbers come as
// RawNumber. False if it is not JSON in UTF-8 and nothing else, or if the handler returned false.
// Whatever is nested in it costs memory, not stack.
template <class Handler>
bool read_server_json(std::string_view text, Handler& handler) {
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  if (reader.Parse<flags>(stream, handler).IsError()) return false;
  return stream.Tell() == text.size();  // a NUL byte looks like the end to it
}

}  // namespace leasehold::stress
