#!/usr/bin/env bash
# Usage: check.sh meson|pkgconfig|cmake|cmake-static
# Builds and runs the consumer as a user would: with leasehold as a subproject, or from an installed
# copy of the build in $BUILD_ROOT (its libraries in $LIBDIR), moved away from its prefix.
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
    flags=()
    eval "flags=($(pkg-config --cflags --libs leasehold))"  # they come quoted for a shell
    read -ra compiler <<<"${CXX:-c++}"
    "${compiler[@]}" -std=c++20 "$here/main.cpp" -o "$work/consumer" "${flags[@]}"
    "$work/consumer"
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
