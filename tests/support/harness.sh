# shellcheck shell=bash
# Shared by tests/run, bench/run and .ci/run; to be sourced by bash.
#   prepare [package…]            a machine to build on, and build/ configured
#   run_tests build-dir [suite…]  builds and runs; ends on the line "N passed, N failed[, N skipped]"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build

# Debian's packages to build with; others are arguments of prepare.
packages=(g++ meson ninja-build pkg-config libssl-dev libcpp-httplib-dev rapidjson-dev
  libconcurrentqueue-dev libcli11-dev doctest-dev libbenchmark-dev)

say() { printf '%s\n' "$*" >&2; }

prepare() {
  local installed=no
  if command -v apt-get dpkg-query >/dev/null; then install_missing "${packages[@]}" "$@"; fi
  name_missing
  if [[ ! -e $build/build.ninja ]]; then
    meson setup "$build" "$root" -Dtests=enabled -Dprograms=enabled >&2
  elif [[ $installed == yes ]]; then
    meson setup --reconfigure "$build" "$root" >&2  # what was not found then may be there now
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
  meson test -C "$dir" --no-rebuild --print-errorlogs "${suites[@]}" || status=$?
  python3 "$root/tests/support/tally.py" "$dir/meson-logs/testlog.json" && ((status == 0))
}
