"""What reviewers would otherwise have to look for: notes for later, sleeps in place of signals, output
and exits in the library, checks that cannot fail.

Usage: check_words.py ROOT
"""
import re
import sys

import source_tree

# (files the rule is for, what must not stand there, what is expected instead)
RULES = [
    (r"", r"\b(TODO|FIXME|XXX|HACK)\b", "an issue, or the work done"),
    (r"", r"/(tmp|work|home)/(?!\$)", "no path of somebody's machine"),
    (r"^(lib|include)/|^tests/unit/", r"\bsleep_(for|until)\b|\bu?sleep\(",
     "a signal, or injected time"),
    (r"^(lib|include)/", r"\bstd::(cout|cerr|clog)\b|\bf?printf\(|<iostream>",
     "no output from the library"),
    (r"^(lib|include)/", r"\b(std::)?(abort|exit|_exit|quick_exit)\(|\bassert\(",
     "errors as values or exceptions"),
    (r"\.hpp$", r"#\s*ifndef\s+\w+_(H|HPP|INCLUDED)_*\s*$", "#pragma once"),
    (r"\.(cpp|hpp)$", r"using namespace std;", "names spelled with std::"),
    (r"\.(cpp|hpp)$", r"^.{101,}", "100 columns at most"),
    (r"\.(cpp|hpp)$", r"^\s*// ?\S.*\s//\s", "one comment, not what a formatter made of two"),
    (r"\.cpp$", r"\bCHECK\(true\)|\bREQUIRE\(true\)", "a check that can fail"),
]


def findings(root):
    for file in source_tree.files(root, ".cpp", ".hpp", ".py", ".sh", ".build", ".pml", ""):
        if file.startswith("tests/style/"):
            continue  # the rules name what they forbid
        rules = [rule for rule in RULES if re.search(rule[0], file)]
        text = (root / file).read_text()
        for number, line in enumerate(text.splitlines(), 1):
            for _, forbidden, expected in rules:
                if found := re.search(forbidden, line):
                    yield file, number, f'"{found.group()}"; expected {expected}'
        if file.endswith(".hpp") and "#pragma once" not in text:
            yield file, 1, "expected #pragma once"


if __name__ == "__main__":
    sys.exit(source_tree.report(list(findings(source_tree.root_argument()))))
