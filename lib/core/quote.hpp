#pragma once

#include <string>
#include <string_view>

namespace leasehold::detail {

// Text from outside, made fit for one line of a log: printable ASCII stays, `"` and `\` get a
// backslash, every other byte becomes \xNN.
std::string escaped(std::string_view text);

// The same in double quotes, and cut when long: "aaa"... (5000 bytes).
std::string quoted(std::string_view text);

// `text`, of which nothing is known but that it was refused, as far as it may be shown: "***" takes
// the place of what may be a credential, however badly the text around it is spelled. It stays as
// it is if this is done twice.
//   user names and passwords   https:/user:secret@host:443   ->  https:/***@host:443
//                              user:secret                   ->  user:***
//   what follows ?, # or =     https://host?token=secret     ->  https://host?***
//   paths, in a URL            https://host/v3/secret        ->  https://host/***
std::string without_credentials(std::string_view text);

// Whether `text` is meant as a URL or holds a user name and a password before an "@".
bool is_url_or_login(std::string_view text);

}  // namespace leasehold::detail
