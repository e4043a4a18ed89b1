"""Every contestant runs in every workload and every figure is there and makes sense; nothing is left behind,
however it ends. Not: is fast.

Usage: smoke_test.py leasehold-bench-order
"""
import json
import math
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile

PATIENCE = 120  # seconds until a program counts as hung

FIGURES = {"requests_per_second", "cpu_us_per_request", "p50_us", "p99_us", "max_us"}


def ratios(*yardsticks):
    return {f"{what}_over_{yardstick}" for what in ("rate", "cpu") for yardstick in yardsticks}


IN_LINE = {"ideal_us", "p50_over_ideal", "p99_over_ideal", "max_over_ideal"}
POOLED = {"leasehold": True, "channel": True, "raw": False, "tuned": False, "mutex_pool": True}
WORKLOADS = {"t1_c1": (1, 1), "t8_c8": (8, 8), "t100_c16": (100, 16), "t100_c16_s2ms": (100, 16)}
IN_FLIGHT = ("t1_c16", 1, 16)


def expected_rows():
    """Of each row: its threads, its connections and its figures."""
    for workload, (threads, clients) in WORKLOADS.items():
        waits = threads > clients
        figures = FIGURES | ratios("raw", "tuned")
        if waits:
            figures |= ratios("raw_alone")
        for name, pooled in POOLED.items():
            in_line = IN_LINE if waits else set()
            yield (workload, name), (threads, clients if pooled else threads, figures | in_line)
        if waits:
            yield (workload, "raw_alone"), (clients, clients, figures)
    workload, threads, clients = IN_FLIGHT
    figures = FIGURES | ratios("raw_alone")
    yield (workload, "in_flight"), (threads, clients, figures)
    yield (workload, "raw_alone"), (clients, clients, figures)


def check(row, threads, connections, figures):
    name = f'{row["workload"]}/{row["contestant"]}'
    assert row.keys() - {"workload", "contestant", "threads", "connections"} == figures, f"{name}: {sorted(row)}"
    assert (row["threads"], row["connections"]) == (threads, connections), f"{name}: {row}"
    value = {figure: row[figure]["median"] for figure in figures}
    for figure in figures:
        assert row[figure]["rounds"] == [value[figure]], f"{name}: {figure} is not of one round"
        assert math.isfinite(value[figure]) and value[figure] > 0, f"{name}: {figure} is {value[figure]}"
    assert value["p50_us"] <= value["p99_us"] <= value["max_us"], name
    if row["workload"].endswith("_s2ms"):
        assert value["p50_us"] >= 2000, f'{name}: answered after {value["p50_us"]} us'
    for yardstick in ("raw", "tuned", "raw_alone"):
        assert row["contestant"] != yardstick or value[f"rate_over_{yardstick}"] == 1, name


def check_figures(program, folder):
    file = folder / "figures.json"
    run = subprocess.run([program, "--quick", "--json", file], stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
    assert run.returncode == 0, f"ended with {run.returncode}"
    report = json.loads(file.read_text())
    rows = {(row["workload"], row["contestant"]): row for row in report["rows"]}
    assert len(rows) == len(report["rows"]), "a row twice"
    expected = dict(expected_rows())
    assert rows.keys() == expected.keys(), f"rows differ: {sorted(rows.keys() ^ expected.keys())}"
    for key, (threads, connections, figures) in expected.items():
        check(rows[key], threads, connections, figures)
        assert all(f"| {word} " in run.stdout for word in key), f"{key} is not in the tables"
    assert f'{report["requests"]} requests in all, those to warm up included; each was answered' in run.stdout


def check_filter(program):
    run = subprocess.run([program, "--quick", "--filter", "^t1_c1/leasehold$"], stdout=subprocess.PIPE, text=True,
                         timeout=PATIENCE)
    assert run.returncode == 0 and "| leasehold " in run.stdout, run.stdout
    assert "| raw " not in run.stdout and "t8_c8" not in run.stdout, run.stdout


def check_refusals(program):
    for wrong, word in [(["--json", "/dev/null/figures.json"], "/dev/null/figures.json"),
                        (["--filter", "no such contestant"], "--filter"),
                        (["--no-such-option"], "--no-such-option"),
                        (["--nginx", "/dev/null/nginx"], "apt-get install nginx-light"),
                        (["--echo-module", "/dev/null/echo.so"], "libnginx-mod-http-echo"),
                        (["--nginx", "/bin/false"], "t1_c1/leasehold: ")]:
        run = subprocess.run([program, "--quick", *wrong], capture_output=True, text=True, timeout=PATIENCE)
        assert run.returncode == 2, f"{wrong}: ended with {run.returncode}"
        assert word in run.stderr, f"{wrong}: no {word} in {run.stderr}"

    for arguments in (["--quick", "--filter", "t1_c1/leasehold"], ["--help"]):
        for target in ("/dev/full", "&-"):
            run = subprocess.run(["sh", "-c", f'exec "$@" >{target}', "sh", program, *arguments],
                                 capture_output=True, text=True, timeout=PATIENCE)
            assert run.returncode == 2, f"{arguments} >{target}: ended with {run.returncode}"
            assert "cannot write to standard output" in run.stderr, f"{arguments} >{target}: {run.stderr}"


def begin(program, temporary):
    """A run that takes longer than anybody waits, and its nginx's process, once that is there."""
    process = subprocess.Popen([program, "--seconds", "3600", "--filter", "t8_c8"], stderr=subprocess.PIPE, text=True)
    pid = ""
    while not pid.endswith("\n"):
        assert process.poll() is None, f"ended by itself: {process.stderr.read()}"
        files = list(temporary.glob("*/pid"))
        pid = files[0].read_text() if files else ""
    return process, os.pidfd_open(int(pid))


def check_endings(program, temporary):
    """Its nginx ends too, even if it was killed; if not, so do the files."""
    for number, status in [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)]:
        process, nginx = begin(program, temporary)
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == status, f"{number}: {process.returncode}: {errors}"
        poll = select.poll()
        poll.register(nginx, select.POLLIN)
        assert poll.poll(PATIENCE * 1000), f"{number}: nginx still runs"
        os.close(nginx)
        assert number == signal.SIGKILL or not list(temporary.iterdir()), f"{number}: left behind"


def main(program):
    with tempfile.TemporaryDirectory() as name:
        temporary = pathlib.Path(name, "temporary")
        temporary.mkdir()
        os.chmod(name, 0o755)  # nginx's workers are another user's, if this is root
        os.environ["TMPDIR"] = str(temporary)
        check_figures(program, pathlib.Path(name))
        check_filter(program)
        check_refusals(program)
        assert not list(temporary.iterdir()), f"left behind: {list(temporary.iterdir())}"
        check_endings(program, temporary)


if __name__ == "__main__":
    main(sys.argv[1])
