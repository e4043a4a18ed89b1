// What leasehold is built with, as its compiler sees it. The build reads it out of this program and
// does not run it, for it may be one for another machine.
#include <httplib.h>

#include <cstddef>
#include <cstdio>

namespace {

struct Line {
  char text[96];
};

constexpr Line decimal(std::size_t number) {
  Line line{"0000000"};
  for (std::size_t i = 7; i > 0; --i, number /= 10) {
    line.text[i - 1] = static_cast<char>('0' + number % 10);
  }
  return line;
}

// A macro that is not defined is spelled as its name.
#define LITERALLY(text) #text
#define SPELLED(macro) LITERALLY(macro)
#define SWITCH(name) \
  { #name "=" SPELLED(name) }

constexpr Line facts[] = {
    {"leasehold was built with:"},
    {CPPHTTPLIB_VERSION},
    decimal(sizeof(httplib::SSLClient)),
    // Whatever any version of cpp-httplib only asks whether it is defined. (Its other macros are
    // numbers, none of which changes a layout.)
    SWITCH(CPPHTTPLIB_OPENSSL_SUPPORT),
    SWITCH(CPPHTTPLIB_MBEDTLS_SUPPORT),
    SWITCH(CPPHTTPLIB_WOLFSSL_SUPPORT),
    SWITCH(CPPHTTPLIB_ZLIB_SUPPORT),
    SWITCH(CPPHTTPLIB_BROTLI_SUPPORT),
    SWITCH(CPPHTTPLIB_ZSTD_SUPPORT),
    SWITCH(CPPHTTPLIB_USE_POLL),
    SWITCH(CPPHTTPLIB_USE_NON_BLOCKING_GETADDRINFO),
    SWITCH(CPPHTTPLIB_ALLOW_LF_AS_LINE_TERMINATOR),
    SWITCH(CPPHTTPLIB_NO_DEFAULT_USER_AGENT),
    SWITCH(CPPHTTPLIB_NO_EXCEPTIONS),
    {"that was all"},
};

}  // namespace

int main() { return std::fwrite(facts, sizeof(facts), 1, stdout) == 1 ? 0 : 1; }
