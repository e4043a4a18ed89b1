"""Each header compiles alone, and users of the core library's headers see no third party's.

Usage: check_headers.py ROOT BUILD_DIR COMPILER...
The include paths and defines are those of the build (compile_commands.json), so that a dependency is
found wherever the build found it. COMPILER is a list of words: it may begin with a launcher. Each header
is compiled as an object at the same place each time, so that a launcher that caches can answer.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

import include_rules as rules
import source_tree

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wnon-virtual-dtor", "-Werror"]


def flags_of_build(build):
    """All -I, -isystem and -D of the build's commands, each once, in order."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = iter(shlex.split(entry["command"]))
        for word in words:
            if word == "-isystem":
                flags[word + next(words)] = None
            elif word.startswith(("-I", "-isystem", "-D")):
                flags[word] = None
    return list(flags)


def seen_by_users(include, dependencies):
    """The first hidden header among the files that a dependency list (as of -MD) names."""
    names = dependencies.replace("\\\n", " ").split()[1:]
    foreign = (name for name in names if not name.startswith(f"{include}/"))
    return next((name for name in foreign
                 if any(f"/{hidden}" in name for hidden in rules.HIDDEN_FROM_USERS)), None)


def check(root, build, compiler, flags, header):
    up = os.path.relpath(root, build)
    lone = "lone-headers/" + header.replace("/", "_")
    result = subprocess.run(
        [*compiler, "-std=c++20", *WARNINGS, *flags, "-include", f"{up}/{header}", "-MD",
         "-MF", f"{lone}.d", "-c", "lone-headers/empty.cpp", "-o", f"{lone}.o"],
        cwd=build, capture_output=True, text=True)
    if result.returncode != 0:
        return header, 1, f"expected to compile alone with {' '.join(compiler)}:\n{result.stderr}"
    dependencies = (build / f"{lone}.d").read_text()
    shown = not header.startswith("include/") or header in rules.SHOWN_BY
    if not shown and (seen := seen_by_users(f"{up}/include", dependencies)):
        return header, 1, f"expected no third-party header; users would include {seen}"
    return None


def main():
    root = source_tree.root_argument()
    build, compiler = pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    flags = flags_of_build(build)
    (build / "lone-headers").mkdir(exist_ok=True)
    (build / "lone-headers" / "empty.cpp").write_text("")
    headers = source_tree.files(root, ".hpp")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: check(root, build, compiler, flags, header), headers)
        return source_tree.report([finding for finding in results if finding])


if __name__ == "__main__":
    sys.exit(main())
