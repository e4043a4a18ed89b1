"""What the style checks share: the files of the tree, and one way to report findings."""
import pathlib
import sys

FOLDERS = ("include", "lib", "tests", "bench")


def files(root, *suffixes):
    """Paths relative to root, sorted, of the tree's files with one of the suffixes."""
    found = (path for folder in FOLDERS for path in (root / folder).rglob("*"))
    return sorted(path.relative_to(root).as_posix() for path in found
                  if path.is_file() and path.suffix in suffixes)


def sources(root):
    return files(root, ".cpp", ".hpp")


def report(findings):
    """Each finding is (file, line, sentence). Returns the exit status."""
    for file, line, sentence in findings:
        print(f"{file}:{line}: {sentence}", file=sys.stderr)
    return 1 if findings else 0


def root_argument():
    return pathlib.Path(sys.argv[1]).resolve()
