# shellcheck shell=bash
# Shared by tests/run, bench/run and .ci/run; to be sourced by bash.
#   prepare [package…]            a machine to build on, and build/ configured
#   configure build-dir anew option…   another build folder, with these options
#   run_tests build-dir [suite…]  builds and runs; ends on the line "N passed, N failed[, N skipped]".
#                                 $LEASEHOLD_TEST_PATIENCE (1) multiplies the time after which a test hangs

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build

# Debian's packages to build with; others are arguments of prepare. dpkg-dev is for Meson: without it, it
# installs into lib64, where Debian's CMake and loader do not look.
packages=(g++ dpkg-dev meson ninja-build pkg-config libssl-dev libcpp-httplib-dev rapidjson-dev
  libconcurrentqueue-dev libcli11-dev doctest-dev libbenchmark-dev)

say() { printf '%s\n' "$*" >&2; }

# Compiles through ccache where it is installed: an object that was compiled before, here or in another
# clone, is not compiled again. Paths below the root count as relative to it, and the folder that is
# compiled in as nothing, or no other clone would hit.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_EXTRAFILES=$root/tests/support/ubsan.ignore
  [[ ${CXX:-} == *ccache* ]] || export CXX="ccache ${CXX:-c++}"
}

prepare() {
  local installed=no
  if command -v apt-get dpkg-query >/dev/null; then install_missing "${packages[@]}" "$@"; fi
  name_missing
  configure "$build" "$installed" -Dtests=enabled -Dprograms=enabled >&2
}

# configure build-dir anew option…: a build folder with these options. One that this made is made again where
# it was for others, or for another compiler; one made by hand keeps what else it was told. anew: yes, if
# something was installed meanwhile.
configure() {
  local dir=$1 anew=$2 wanted found=
  shift 2
  use_ccache
  wanted=$(printf '%s\n' "CXX=${CXX:-} $(${CXX:-c++} --version 2>/dev/null | head -n 1)" "CXXFLAGS=${CXXFLAGS:-}" \
    "LDFLAGS=${LDFLAGS:-}" "PKG_CONFIG_PATH=${PKG_CONFIG_PATH:-}" "$@")
  if [[ -e $dir/configured-with ]]; then
    found=$(<"$dir/configured-with")
    if [[ $found != "$wanted" ]]; then rm -rf "$dir"; fi
  fi
  if [[ ! -e $dir/build.ninja ]]; then
    meson setup "$dir" "$root" "$@" || return 1
    printf '%s\n' "$wanted" >"$dir/configured-with"
  elif [[ $anew == yes || -z $found ]]; then
    meson setup --reconfigure "$dir" "$root" "$@"  # what was not found then may be there now
  fi
}

# Installs those of the packages that are missing; sets `installed` if there were any.
install_missing() {
  local package missing=() as_root=()
  for package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "Missing packages, and neither root nor sudo to install them: ${missing[*]}"
      return 0  # the wraps may do
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install -qq --no-install-recommends)
  if ! { "${install[@]}" --simulate "${missing[@]}" &>/dev/null &&
    "${install[@]}" "${missing[@]}" >&2; }; then
    # The package lists are missing or old.
    "${as_root[@]}" apt-get update -qq >&2
    # One that does not exist here must not keep the others out.
    "${install[@]}" "${missing[@]}" >&2 || for package in "${missing[@]}"; do
      "${install[@]}" "$package" >&2 || say "$package cannot be installed; going on without it"
    done
  fi
  installed=yes
}

# The address of this machine's Debian mirror, from its own apt configuration.
debian_mirror() {
  local release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$release" '$1 == "Debian" && $2 == release && $3 == "main" { print $4; exit }'
}

# What has no wrap must be there, on Debian or elsewhere.
name_missing() {
  local missing=() tool
  command -v c++ >/dev/null || missing+=("a C++20 compiler (c++)")
  for tool in meson ninja pkg-config; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  pkg-config --exists 'openssl >= 3.0' 2>/dev/null || missing+=("OpenSSL >= 3.0 (with its headers)")
  ((${#missing[@]})) || return 0
  say "Missing on this system:"
  printf '  %s\n' "${missing[@]}" >&2
  say "Install these; the other libraries come from subprojects/ where the system has none."
  return 1
}

run_tests() {
  local dir=$1 suites=() suite
  shift
  for suite; do suites+=(--suite "$suite"); done
  if ! meson compile -C "$dir"; then
    say "The build failed."
    echo "0 passed, 1 failed"
    return 1
  fi
  rm -f "$dir/meson-logs/testlog.json"
  local status=0
  meson test -C "$dir" --no-rebuild --print-errorlogs \
    --timeout-multiplier "${LEASEHOLD_TEST_PATIENCE:-1}" "${suites[@]}" || status=$?
  echo "Tested with $(<"$dir/tests/support/tested-with")"
  python3 "$root/tests/support/tally.py" "$dir/meson-logs/testlog.json" && ((status == 0))
}
