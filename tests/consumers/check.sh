#!/usr/bin/env bash
# Usage: check.sh meson|pkgconfig|cmake|cmake-static|other-httplib
# Builds and runs the consumer as a user would: with leasehold as a subproject, or from an installed
# copy of the build in $BUILD_ROOT (its libraries in $LIBDIR), moved away from its prefix. other-httplib:
# against another cpp-httplib than that copy was built with, which must not compile, and the sentence must say
# what each side has.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_leasehold() {
  meson install -C "$BUILD_ROOT" --no-rebuild --quiet --destdir "$work/dest"
  mv "$work/dest$PREFIX" "$work/moved"
  libraries=$work/moved/$LIBDIR
  export PKG_CONFIG_PATH=$libraries/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  read -ra compiler <<<"${CXX:-c++}"
  compiler+=(-std=c++20)
  flags=()
  eval "flags=($(pkg-config --cflags --libs leasehold))"  # they come quoted for a shell
}

# refused source sentence option…: the compiler, or the linker, refuses the source with this sentence.
refused() {
  local source=$1 sentence=$2
  shift 2
  if "${compiler[@]}" "$@" "$source" -o "$work/consumer" "${flags[@]}" 2>"$work/errors"; then
    echo "expected to be refused, with: $sentence" >&2
    exit 1
  fi
  if ! grep -qF -- "$sentence" "$work/errors"; then
    printf 'expected the sentence: %s\nnot:\n' "$sentence" >&2
    cat "$work/errors" >&2
    exit 1
  fi
}

check_other_httplib() {
  local use=$work/use.cpp other=$work/other header version
  header=$(printf '#include <httplib.h>\n' | "${compiler[@]}" "${flags[@]}" -M -x c++ - |
    tr -s ' \\' '\n' | grep '/httplib\.h$')
  version=$(sed -n 's/^#define CPPHTTPLIB_VERSION "\(.*\)"/\1/p' "$header")
  local built="leasehold was built with cpp-httplib $version"

  cat >"$use" <<'END'
#include <cstdio>
#include <leasehold/leasehold.hpp>
#include <leasehold/httplib.hpp>
int main(int argc, char** argv) {
  if (argc > 1) std::fputs(argv[1], stderr);  // it has started
  leasehold::ClientLease lease;
  return lease && lease->is_socket_open() ? 1 : 0;
}
END
  # A program that was linked with the library of another build does not start, whatever it was linked with.
  local linked
  for linked in "" "-ffunction-sections -fdata-sections -Wl,--gc-sections" "-fno-pie -no-pie"; do
    # shellcheck disable=SC2086 # several options
    "${compiler[@]}" $linked "$use" -o "$work/consumer" "${flags[@]}"
    "$work/consumer"
    [[ -e $libraries/libleasehold.so ]] || continue
    LC_ALL=C sed -i 's/built_with_cpp_httplib_./built_with_cpp_httplib_x/g' "$work/consumer"
    if "$work/consumer" started 2>"$work/errors" || grep -q ^started "$work/errors" ||
      ! grep -q 'undefined symbol: .*built_with_cpp_httplib_x' "$work/errors"; then
      echo "expected the loader to refuse the library of another build (${linked:-no options}), not:" >&2
      cat "$work/errors" >&2
      exit 1
    fi
  done

  mkdir "$other"
  sed 's/^#define CPPHTTPLIB_VERSION .*/#define CPPHTTPLIB_VERSION "9.9.9"/' "$header" >"$other/httplib.h"
  refused "$use" "$built, but this <httplib.h> is 9.9.9" -I"$other"

  local switch=CPPHTTPLIB_ALLOW_LF_AS_LINE_TERMINATOR
  refused "$use" "$built without $switch, but this <httplib.h>, $version, is included with $switch" -D$switch
  switch=CPPHTTPLIB_OPENSSL_SUPPORT
  sed "1i #undef $switch" "$header" >"$other/httplib.h"
  refused "$use" "$built and $switch, but this <httplib.h>, $version, is included without $switch" -I"$other"
  refused "$use" "the size of an httplib::SSLClient differs" -D_GLIBCXX_DEBUG

  # No lease can be used past the comparison.
  sed 's,leasehold/httplib.hpp,httplib.h,' "$use" >"$work/past.cpp"
  refused "$work/past.cpp" "$built: where a lease is used, include <leasehold/httplib.hpp> in place of <httplib.h>"

  # The headers of one build and the library of another.
  find "$work/moved" -name built_with.hpp -exec sed -i 's/built_with_cpp_httplib_/&9_9_9_not_/' {} +
  refused "$use" "built_with_cpp_httplib_9_9_9_not_${version//./_}"
}

case $1 in
  meson)
    mkdir -p "$work/consumer/subprojects"
    cp "$here/main.cpp" "$work"
    cp "$here/meson/meson.build" "$work/consumer"
    ln -s "$SOURCE_ROOT" "$work/consumer/subprojects/leasehold"
    meson setup "$work/build" "$work/consumer"
    ninja -C "$work/build" consumer
    "$work/build/consumer"
    ;;
  pkgconfig)
    install_leasehold
    "${compiler[@]}" "$here/main.cpp" -o "$work/consumer" "${flags[@]}"
    "$work/consumer"
    ;;
  other-httplib)
    install_leasehold
    check_other_httplib
    ;;
  cmake | cmake-static)
    install_leasehold
    static=OFF
    if [[ $1 == cmake-static ]]; then static=ON; fi
    cmake -G Ninja -S "$here/cmake" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/moved" \
      -Dleasehold_USE_STATIC_LIBS=$static
    cmake --build "$work/build"
    "$work/build/consumer"
    if [[ $static == ON ]] && ldd "$work/build/consumer" | grep libleasehold; then
      echo "the consumer that asked for the static library is linked with the shared one" >&2
      exit 1
    fi
    ;;
esac
