"""Prints "N passed, N failed[, N skipped]" for a testlog.json of `meson test`.

Exits 0 only if some test passed and none failed; whatever is not clearly a pass or a skip has failed.
"""
import collections
import json
import pathlib
import sys

log = pathlib.Path(sys.argv[1])
lines = log.read_text().splitlines() if log.exists() else []
results = collections.Counter(json.loads(line)["result"] for line in lines)
passed = results["OK"] + results["EXPECTEDFAIL"]
skipped = results["SKIP"]
failed = results.total() - passed - skipped
if not lines:
    print("No test was run.", file=sys.stderr)
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(0 if passed and not failed else 1)
