#!/usr/bin/env bash
# Usage: check_scripts.sh ROOT
# Every script parses, and passes shellcheck where that is installed.
set -euo pipefail
cd "$1"

mapfile -t scripts < <(
  find tests bench .ci -type f -name '*.sh'
  grep -rlIm1 --exclude='*.sh' --exclude='*.py' -E '^#!.*\bbash$' tests bench .ci
)
((${#scripts[@]} >= 3)) || { echo "expected to find the scripts, found: ${scripts[*]}" >&2; exit 1; }
failed=0
for script in "${scripts[@]}"; do
  bash -n "$script" || failed=1
  [[ $script == *.sh || -x $script ]] || { echo "$script:1: expected to be executable" >&2; failed=1; }
done
if command -v shellcheck >/dev/null; then
  shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR "${scripts[@]}" || failed=1
elif [[ -n ${CI:-} ]]; then
  echo "shellcheck was not found" >&2
  failed=1
fi
exit "$failed"
