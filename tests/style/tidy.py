#!/usr/bin/env python3
"""clang-tidy over lib/, with the flags of a build folder; ends on "N passed, N failed", counted in files.

Usage: tidy.py BUILD_DIR
What was clean stays clean while nothing changes that clang-tidy reads: the file, all it includes, its
command, the rules and clang-tidy itself. So a file that was clean before, here or in another clone, is not
looked at again; a mark for it lies in the cache folder ($XDG_CACHE_HOME, ~/.cache).
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

import source_tree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "leasehold-tidy")
KEPT = 30 * 24 * 3600  # seconds that a mark is kept without being used


def commands(build):
    """Of each source below lib/: the build's command for it and the object it makes."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = (build / entry["file"]).resolve()
        if path.is_relative_to(ROOT / "lib"):
            found[path.relative_to(ROOT).as_posix()] = (entry["command"], entry["output"])
    return found


def read_files(build):
    """Of each object: the files that its compiler read, as ninja noted them. Empty: not built yet."""
    listed = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout
    files = {}
    for block in listed.split("\n\n"):
        head, *names = block.split("\n")
        files[head.partition(":")[0]] = [name.strip() for name in names if name.strip()]
    return files


@functools.cache
def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mark_of(build, rules, command, files):
    """Where the mark of a clean file lies; None if it is not known what it reads."""
    if not files:
        return None
    told = [rules, command.replace(str(ROOT), ".")]
    for name in files:
        path = (build / name).resolve()
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        told.append(f"{shown} {hash_of(path)}")
    return CACHE / hashlib.sha256("\n".join(told).encode()).hexdigest()


def check(build, source, mark):
    """(clean, what clang-tidy said)"""
    if mark and mark.exists():
        mark.touch()
        return True, ""
    done = subprocess.run(["clang-tidy", "-quiet", "-p", build, ROOT / source], capture_output=True, text=True)
    clean = done.returncode == 0
    if clean and mark:
        mark.touch()
    return clean, done.stdout + ("" if clean else done.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True, text=True).stdout
    rules = version + (ROOT / ".clang-tidy").read_text()
    known, read = commands(build), read_files(build)
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.iterdir():
        if old.stat().st_mtime < time.time() - KEPT:
            old.unlink()

    sources = [file for file in source_tree.files(ROOT, ".cpp") if file.startswith("lib/")]
    strangers = [file for file in sources if file not in known]
    for file in strangers:
        print(f"{file}:1: expected to be built in {build.name}; clang-tidy does not know how it is compiled")
    marks = {file: mark_of(build, rules, known[file][0], read.get(known[file][1]))
             for file in sources if file in known}
    remembered = sum(1 for mark in marks.values() if mark and mark.exists())
    print(f"{len(sources)} files, {remembered} known to be clean", flush=True)
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {file: pool.submit(check, build, file, mark) for file, mark in marks.items()}
        for file, job in jobs.items():
            clean, said = job.result()
            passed += clean
            if said.strip():
                print(said, end="")
            if not clean:
                print(f"--- failed: {file}", flush=True)
    print(f"{passed} passed, {len(sources) - passed} failed")
    return 0 if passed == len(sources) and passed else 1


if __name__ == "__main__":
    sys.exit(main())
