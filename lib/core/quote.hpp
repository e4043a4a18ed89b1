#pragma once

#include <string>
#include <string_view>

namespace leasehold::detail {

// Text from outside, made fit for one line of a log: printable ASCII stays, `"` and `\` get a
// backslash, every other byte becomes \xNN.
std::string escaped(std::string_view text);

// The same in double quotes, and cut when long: "aaa"... (5000 bytes).
std::string quoted(std::string_view text);

}  // namespace leasehold::detail
