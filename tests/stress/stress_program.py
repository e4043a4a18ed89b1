"""Runs leasehold-stress, and holds its JSON against what every run must keep."""
import json
import pathlib
import subprocess
import tempfile

PATIENCE = 240  # seconds until a program counts as hung
# A machine that stands still for a while has not failed: no timeout passes that a test is not about.
PATIENT = {"--acquire-timeout": "1h", "--connect-timeout": "1h", "--request-timeout": "1h"}

PERCENTILES = {"p50", "p99", "p99_9", "max"}
FIELDS = {"strategy", "requests", "threads", "pool_size", "tenants", "seed", "orders", "answered",
          "refused", "not_sent", "in_doubt", "ledger_orders", "named", "seconds", "orders_per_second", "latency_us", "wait_us",
          "handshakes", "connections", "cpu_us_per_order", "memory_bytes"}
FINDINGS = {"mixed_up", "missing", "duplicates", "received_not_sent", "committed_refused", "misdirected",
            "unknown"}


class Outcome:
    def __init__(self, status, stdout, stderr, json_text):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.json = json.loads(json_text) if json_text else None


def run(program, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "result.json")
        patient = [word for option in PATIENT.items() if option[0] not in options for word in option]
        done = subprocess.run([program, "--json", path, *patient, *map(str, options)],
                              capture_output=True, text=True, timeout=PATIENCE)
        return Outcome(done.returncode, done.stdout, done.stderr,
                       path.read_text() if path.exists() else "")


def check_run(test, result):
    """The fields, exactly, and how they hang together."""
    test.assertEqual(set(result), FIELDS | FINDINGS)
    test.assertEqual(set(result["named"]), FINDINGS)
    for finding, ids in result["named"].items():
        test.assertEqual(len(ids), min(result[finding], 20))
    test.assertEqual(set(result["latency_us"]), PERCENTILES)
    test.assertEqual(set(result["wait_us"]), PERCENTILES)
    test.assertEqual(set(result["handshakes"]), {"engine", "maintenance"})
    test.assertEqual(sum(result[fate] for fate in ("answered", "refused", "not_sent", "in_doubt")),
                     result["orders"])
    test.assertAlmostEqual(result["orders_per_second"] * result["seconds"], result["answered"],
                           delta=0.001 * result["answered"])
    waits = result["wait_us"]
    if result["strategy"] == "channel" or result["requests"] == "trading":  # who submits cannot tell
        test.assertEqual(set(waits.values()), {None})
    for samples in (result["latency_us"], waits):
        if samples["p50"] is None:
            continue
        test.assertLessEqual(samples["p50"], samples["p99"])
        test.assertLessEqual(samples["p99"], samples["p99_9"])
        test.assertLessEqual(samples["p99_9"], samples["max"])
    test.assertGreater(result["latency_us"]["p50"], 0)
    test.assertLessEqual(result["latency_us"]["max"], result["seconds"] * 1e6)
    test.assertGreater(result["cpu_us_per_order"], 0)
