#!/usr/bin/env bash
# Usage: check_format.sh ROOT CLANG_FORMAT
# All C++ files are as clang-format leaves them. To format: the same without --dry-run, with -i.
set -euo pipefail
cd "$1"
find include lib tests bench docs \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 -r "$2" --dry-run -Werror
