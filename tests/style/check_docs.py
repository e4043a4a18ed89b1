"""Each block of C++ in the README and in docs/ compiles as it stands, and each link leads somewhere.

Usage: check_docs.py ROOT BUILD_DIR COMPILER...
"""
import pathlib
import re
import subprocess
import sys

import source_tree
from check_headers import WARNINGS, flags_of_build


def blocks(text):
    """(line, code) of each fenced block of C++."""
    for match in re.finditer(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 2, match[1]


def check(root, build, compiler, flags, page):
    text = page.read_text()
    name = page.relative_to(root).as_posix()
    for line, code in blocks(text):
        result = subprocess.run(
            [*compiler, "-std=c++20", *WARNINGS, *flags, "-fsyntax-only", "-x", "c++", "-"],
            cwd=build, input=f'#line {line} "{name}"\n{code}', capture_output=True, text=True)
        if result.returncode != 0:
            yield name, line, f"expected a block that compiles alone:\n{result.stderr}"
    for match in re.finditer(r"\]\((?!https?:)([^)#]+)", text):
        if not (page.parent / match[1]).exists():
            line = text.count("\n", 0, match.start()) + 1
            yield name, line, f"expected a link to a file that exists, not {match[1]}"


def main():
    root = source_tree.root_argument()
    build, compiler = pathlib.Path(sys.argv[2]), sys.argv[3:]
    flags = flags_of_build(build)
    pages = [*root.glob("*.md"), *root.glob("docs/*.md")]
    return source_tree.report([finding for page in sorted(pages)
                               for finding in check(root, build, compiler, flags, page)])


if __name__ == "__main__":
    sys.exit(main())
