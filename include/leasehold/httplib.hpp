#pragma once

// <httplib.h>, for what is called through a lease. Include this in its place: the clients that
// leasehold makes are used by code that is compiled here, so both must be compiled with the same
// version of cpp-httplib and with the same of its switches (CPPHTTPLIB_ZLIB_SUPPORT and the like).
//
// Promise: where they are not the same, the compiler says what each side has. Where this header is
//   of another build than the library, the linker or the loader refuses, by a symbol that has what
//   this header was built with in its name.
// Thread: any.
// Cost: none at run time. Where all of cpp-httplib is in <httplib.h>, some seconds to compile.
#include <httplib.h>

#include <string_view>

#include "leasehold/built_with.hpp"
#include "leasehold/client_lease.hpp"

namespace leasehold::detail {

inline constexpr bool same_httplib =
    std::string_view(CPPHTTPLIB_VERSION) == LEASEHOLD_BUILT_WITH_HTTPLIB;

#define LEASEHOLD_REMEDY                                                                    \
  "; compile with what leasehold was built with (pkg-config --cflags leasehold), or build " \
  "leasehold anew with what is here"

static_assert(same_httplib, "leasehold was built with cpp-httplib " LEASEHOLD_BUILT_WITH_HTTPLIB
                            ", but this <httplib.h> is " CPPHTTPLIB_VERSION LEASEHOLD_REMEDY);

// A macro that is not defined is spelled as its name.
#define LEASEHOLD_LITERALLY(text) #text
#define LEASEHOLD_SPELLED(macro) LEASEHOLD_LITERALLY(macro)
#define LEASEHOLD_COMPARE(name, there)                                                             \
  static_assert(!there || std::string_view(LEASEHOLD_SPELLED(name)) != #name,                      \
                "leasehold was built with cpp-httplib " LEASEHOLD_BUILT_WITH_HTTPLIB " and " #name \
                ", but this <httplib.h>, " CPPHTTPLIB_VERSION                                      \
                ", is included without " #name LEASEHOLD_REMEDY);                                  \
  static_assert(there || std::string_view(LEASEHOLD_SPELLED(name)) == #name,                       \
                "leasehold was built with cpp-httplib " LEASEHOLD_BUILT_WITH_HTTPLIB               \
                " without " #name ", but this <httplib.h>, " CPPHTTPLIB_VERSION                    \
                ", is included with " #name LEASEHOLD_REMEDY);

LEASEHOLD_BUILT_WITH_SWITCHES(LEASEHOLD_COMPARE)

#undef LEASEHOLD_COMPARE
#undef LEASEHOLD_SPELLED
#undef LEASEHOLD_LITERALLY

// Not there without CPPHTTPLIB_OPENSSL_SUPPORT, which is refused above.
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
static_assert(!same_httplib || sizeof(httplib::SSLClient) == LEASEHOLD_BUILT_WITH_CLIENT_BYTES,
              "leasehold was built with cpp-httplib " LEASEHOLD_BUILT_WITH_HTTPLIB
              ", as is this <httplib.h>, but the size of an httplib::SSLClient differs: one of "
              "the headers was changed, or the standard library has other switches "
              "(_GLIBCXX_DEBUG)" LEASEHOLD_REMEDY);
#endif

#undef LEASEHOLD_REMEDY

template <>
inline constexpr bool compared<httplib::SSLClient> = true;

// The loader looks for data when the program starts, whatever it was linked with; for a function it
// would be at the first request.
[[gnu::used, gnu::retain]] inline constexpr const char* needed = &LEASEHOLD_BUILT_WITH::mark;

}  // namespace leasehold::detail
