"""Every pool runs in every configuration, and every figure is there and makes sense. Not: is fast.

Usage: smoke_test.py leasehold-bench-acquire
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

PAIRS = {"ns_per_pair", "cpu_ns_per_pair"}
LEASES = {"leases_per_second", "hold_us", "ideal_wait_us", "wait_p50", "wait_p99", "wait_p99_9",
          "wait_max", "first_over_last"}
REFUSALS = {"first_us", "later_p50_us", "later_p99_us"}
POOLS = ["leasehold", "blocking_queue", "mutex_lifo", "mutex_fifo"]  # those that can wait

EXPECTED = {("uncontended", f"t{n}_c{n}", pool): PAIRS
            for n in (1, 2, 8, 100) for pool in POOLS + ["per_thread", "token_pair", "atomics"]}
EXPECTED |= {("uncontended", f"t2_c2_p{n}", "leasehold"): PAIRS for n in (4, 8)}
EXPECTED |= {("contended", load, pool): LEASES
             for load in ("t100_c16_h1000us", "t100_c8_h100us") for pool in POOLS}
EXPECTED |= {("refused", f"c{n}", "leasehold"): REFUSALS for n in (16, 1024, 65536)}


def check(row, figures):
    name = f'{row["workload"]}/{row["configuration"]}/{row["pool"]}'
    assert row.keys() - {"workload", "configuration", "pool"} == figures, f"{name}: {sorted(row)}"
    value = {figure: row[figure]["median"] for figure in figures}
    for figure in figures:
        assert row[figure]["rounds"] == [value[figure]], f"{name}: {figure} is not of one round"
        may_be_zero = figure in ("wait_p50", "cpu_ns_per_pair")
        assert math.isfinite(value[figure]), f"{name}: {figure} is {value[figure]}"
        assert value[figure] > 0 or (may_be_zero and value[figure] == 0), f"{name}: {figure} is 0"
    if figures is LEASES:
        assert value["wait_p50"] <= value["wait_p99"] <= value["wait_p99_9"] <= value["wait_max"], name
        assert 0 < value["first_over_last"] <= 1, name
        asked = float(row["configuration"].split("_h")[1].removesuffix("us"))
        assert value["hold_us"] >= asked, f'{name}: held {value["hold_us"]} us'
        threads, clients = (int(part[1:]) for part in row["configuration"].split("_")[:2])
        ideal = (threads / clients - 1) * value["hold_us"]
        assert math.isclose(value["ideal_wait_us"], ideal, rel_tol=1e-9), name


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "figures.json")
        run = subprocess.run([program, "--quick", "--json", file], stdout=subprocess.PIPE, text=True)
        assert run.returncode == 0, f"ended with {run.returncode}"
        report = json.loads(file.read_text())
    rows = {(row["workload"], row["configuration"], row["pool"]): row for row in report["rows"]}
    assert len(rows) == len(report["rows"]), "a row twice"
    assert rows.keys() == EXPECTED.keys(), f"rows differ: {sorted(rows.keys() ^ EXPECTED.keys())}"
    for key, figures in EXPECTED.items():
        check(rows[key], figures)
        assert key[1] in run.stdout and key[2] in run.stdout, f"{key} is not in the tables"

    for wrong in (["--json", "/dev/null/figures.json"], ["--benchmark_filter=no such benchmark"],
                  ["--no-such-option"]):
        run = subprocess.run([program, "--quick", *wrong], capture_output=True)
        assert run.returncode == 2, f"{wrong}: ended with {run.returncode}"

    for arguments in (["--quick", "--benchmark_filter=uncontended/t1_c1/leasehold"], ["--help"]):
        for target in ("/dev/full", "&-"):
            run = subprocess.run(["sh", "-c", f'exec "$@" >{target}', "sh", program, *arguments],
                                 capture_output=True, text=True)
            assert run.returncode == 2, f"{arguments} >{target}: ended with {run.returncode}"
            assert "cannot write to standard output" in run.stderr, f"{arguments} >{target}: {run.stderr}"


if __name__ == "__main__":
    main(sys.argv[1])
