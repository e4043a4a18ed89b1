"""Each header compiles alone, and users of the core library's headers see no third party's.

Usage: check_headers.py ROOT BUILD_DIR COMPILER
The include paths and defines are those of the build (compile_commands.json), so that a dependency is
found wherever the build found it.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

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


def seen_by_users(root, dependencies):
    """The first hidden header among the files that a dependency list (as of -MD) names."""
    names = dependencies.replace("\\\n", " ").split()[1:]
    foreign = (name for name in names if not name.startswith(f"{root}/include/"))
    return next((name for name in foreign
                 if any(f"/{hidden}" in name for hidden in rules.HIDDEN_FROM_USERS)), None)


def check(root, build, compiler, flags, header):
    with tempfile.TemporaryDirectory() as scratch:
        lone = pathlib.Path(scratch, "lone.cpp")
        listed = pathlib.Path(scratch, "lone.d")
        lone.write_text(f'#include "{root / header}"\n')
        result = subprocess.run(
            [compiler, "-std=c++20", *WARNINGS, *flags, "-fsyntax-only", "-MD", "-MF", listed, lone],
            cwd=build, capture_output=True, text=True)
        if result.returncode != 0:
            return header, 1, f"expected to compile alone with {compiler}:\n{result.stderr}"
        if header.startswith("include/") and (seen := seen_by_users(root, listed.read_text())):
            return header, 1, f"expected no third-party header; users would include {seen}"
    return None


def main():
    root = source_tree.root_argument()
    build, compiler = pathlib.Path(sys.argv[2]), sys.argv[3]
    flags = flags_of_build(build)
    headers = source_tree.files(root, ".hpp")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: check(root, build, compiler, flags, header), headers)
        return source_tree.report([finding for finding in results if finding])


if __name__ == "__main__":
    sys.exit(main())
