"""Writes the header that says what leasehold was built with.

Usage: built_with.py PROGRAM HEADER
PROGRAM is built_with.cpp's, for whatever machine.
"""
import pathlib
import re
import sys

HEADER = """\
#pragma once

// What this leasehold was built with; written by its build, for leasehold/httplib.hpp to compare.

#define LEASEHOLD_BUILT_WITH_HTTPLIB "{version}"

// The size of an httplib::SSLClient.
#define LEASEHOLD_BUILT_WITH_CLIENT_BYTES {size}

// Whether each of cpp-httplib's switches was defined.
#define LEASEHOLD_BUILT_WITH_SWITCHES(compare) \\
  {switches}

// All of it in a symbol's name, for the linker to compare.
#define LEASEHOLD_BUILT_WITH {name}
"""


def facts_of(program):
    """The version, the size of a client, and {switch: whether it was defined}."""
    facts = re.search(rb"leasehold was built with:\0+(.*?)\0that was all\0", program, re.DOTALL)
    version, size, *lines = (fact.decode() for fact in re.split(rb"\0+", facts[1]) if fact)
    switches = (line.partition("=") for line in lines)
    return version, int(size), {name: spelled != name for name, _, spelled in switches}


def header_of(version, size, switches):
    short = (name.removeprefix("CPPHTTPLIB_").removesuffix("_SUPPORT").lower()
             for name, defined in switches.items() if defined)
    return HEADER.format(
        version=version, size=size,
        switches=" \\\n  ".join(f"compare({name}, {str(defined).lower()})"
                                for name, defined in switches.items()),
        name=re.sub(r"\W", "_", "_".join(["built_with_cpp_httplib", version, *short, str(size)])))


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_text(
        header_of(*facts_of(pathlib.Path(sys.argv[1]).read_bytes())))
