"""Includes point down the layers, and each third-party header has its named includers.

Usage: check_includes.py ROOT
"""
import fnmatch
import re
import sys

import include_rules as rules
import source_tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer of a path as it is written in an include or relative to the root; None: free."""
    path = path.removeprefix("include/")
    if path.startswith("leasehold/"):
        public = path.removeprefix("leasehold/")
        # Its own name, which is no layer, where it has no row.
        return next((layer for prefix, layer in rules.PUBLIC_LAYERS.items()
                     if public.startswith(prefix)), public)
    if path.startswith("lib/"):
        return path.removeprefix("lib/").rpartition("/")[0]
    return None


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def check_own(root, file, header):
    layer = layer_of(file)
    if header.startswith("leasehold/"):
        if header not in rules.WRITTEN_BY_THE_BUILD and not (root / "include" / header).is_file():
            return f'no such public header: "{header}"'
        other = layer_of(header)
    elif (root / "lib" / header).is_file():
        if file.startswith("include/"):
            return f'a public header includes the private "{header}"'
        other = layer_of("lib/" + header)
    elif layer is None:  # tests and programs have headers of their own
        return None
    else:
        return f'"{header}" is not found from include/ or lib/; third-party headers stand in <>'
    if layer is None or other == layer or other in rules.LAYERS[layer]:
        return None
    below = ", ".join(sorted(rules.LAYERS[layer])) or "no other layer"
    return f'layer {layer} includes "{header}" of layer {other}; expected: itself and {below}'


def check_foreign(file, header):
    if matches(header, rules.SYSTEM) or ("/" not in header and not header.endswith(".h")):
        return None
    for pattern, includers in rules.INCLUDERS.items():
        if fnmatch.fnmatch(header, pattern):
            if matches(file, includers):
                return None
            return f"<{header}> may be included only by {', '.join(includers)}"
    if header.startswith("leasehold/"):
        if file.startswith("tests/consumers/"):
            return None
        return f'<{header}>: own headers are included with ""'
    return f"<{header}> has no named includers in include_rules.py"


def findings(root):
    for file in source_tree.sources(root):
        layer = layer_of(file)
        if layer is not None and layer not in rules.LAYERS:
            yield file, 1, f"layer {layer} has no row in include_rules.py"
            continue
        for number, line in enumerate((root / file).read_text().splitlines(), 1):
            if include := INCLUDE.match(line):
                bracket, header = include.groups()
                wrong = (check_own(root, file, header) if bracket == '"'
                         else check_foreign(file, header))
                if wrong:
                    yield file, number, wrong


if __name__ == "__main__":
    sys.exit(source_tree.report(list(findings(source_tree.root_argument()))))
