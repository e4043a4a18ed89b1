#pragma once

#include <string>
#include <string_view>

#include "support/parsed_response.hpp"

namespace leasehold::test {

// What Boost.Beast's parser finds in the same bytes, all of them at once: a second opinion.
// `malformed` where it is over a limit too.
ParsedResponse beast_response(const Asked& asked, std::string_view bytes);

// Why `ours` is laxer than Beast or reads the response otherwise; empty if it is the same or
// stricter.
std::string laxity(const Asked& asked, std::string_view bytes, const ParsedResponse& ours);

}  // namespace leasehold::test
