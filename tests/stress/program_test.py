"""leasehold-stress: its strategies, its account against exchanges that do wrong, its ends.

Usage: program_test.py LEASEHOLD_STRESS LEASEHOLD_EXCHANGE DISHONEST_EXCHANGE
"""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import unittest

import stress_program

ID = re.compile(r"^    (\d+-[0-9a-f]{8}-\d+-\d{5}-\d{8})$", re.MULTILINE)


class Server:
    """An exchange in a process of its own, which ends with the test at the latest."""

    def __init__(self, test, arguments, ca_file):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        test.addCleanup(self.process.kill)
        self.origin = self.process.stdout.readline().strip()
        self.options = ["--origin", self.origin, "--ca-file", ca_file]

    def end(self):
        """Ends it; returns what else it printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=stress_program.PATIENCE)[0]

    def close(self):
        """Ends one that lives as long as its standard input; the orders that it did wrong."""
        return self.process.communicate(timeout=stress_program.PATIENCE)[0].split()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.ca_file = os.path.join(folder.name, "ca.pem")
        self.json_file = os.path.join(folder.name, "result.json")

    def run_stress(self, *options):
        outcome = stress_program.run(STRESS, *options)
        print(outcome.stdout, outcome.stderr)
        return outcome


class Strategies(Case):
    def test_each_of_them_places_every_order_in_every_round(self):
        names = ["pool", "per-thread", "channel", "shared-mutex", "per-thread-naive",
                 "per-thread-tuned"]
        outcome = self.run_stress("--threads", 4, "--orders-per-thread", 3, "--pool-size", 2,
                                  "--strategy", "all", "--rounds", 2)
        self.assertEqual(outcome.status, 0)
        self.assertEqual(set(outcome.json), {"runs", "ratios"})
        self.assertEqual([run["strategy"] for run in outcome.json["runs"]], names + names)
        for run in outcome.json["runs"]:
            stress_program.check_run(self, run)
            self.assertEqual(run["ledger_orders"], 12)
            self.assertEqual(run["answered"], 12)
            # What makes the naive ones naive: a handshake for every order.
            expected = {"pool": range(1, 3), "per-thread": [4], "channel": range(1, 3),
                        "shared-mutex": [12], "per-thread-naive": [12], "per-thread-tuned": [4]}
            self.assertIn(run["handshakes"]["engine"], expected[run["strategy"]])
            if run["strategy"] not in ("shared-mutex", "per-thread-naive"):
                self.assertEqual(run["connections"], run["handshakes"]["engine"])
            self.assertEqual(run["requests"], "send" if run["strategy"] in names[:3] else "plain")
            self.assertIsNone(run["memory_bytes"])  # the exchange's is in the same heap
        self.assertEqual([ratio["strategy"] for ratio in outcome.json["ratios"]], names[1:])
        for ratio in outcome.json["ratios"]:
            self.assertEqual(ratio["to"], "pool")
            self.assertGreater(ratio["orders_per_second"], 0)

    def test_trading_clients_place_every_order_under_its_own_tenants_keys(self):
        names = ["pool", "per-thread", "channel", "per-thread-tuned"]
        outcome = self.run_stress("--threads", 7, "--orders-per-thread", 20, "--pool-size", 3,
                                  "--requests", "trading", "--strategy", ",".join(names))
        self.assertEqual(outcome.status, 0)
        self.assertEqual([run["strategy"] for run in outcome.json["runs"]], names)
        for run in outcome.json["runs"]:
            stress_program.check_run(self, run)
            self.assertEqual(run["requests"], "plain" if run["strategy"] == names[3] else "trading")
            self.assertEqual((run["tenants"], run["answered"], run["ledger_orders"]), (3, 140, 140))
            self.assertEqual((run["misdirected"], run["committed_refused"]), (0, 0))

    def test_what_a_strategy_needs_is_measured_where_the_exchange_is_elsewhere(self):
        server = Server(self, [EXCHANGE, "--port", "0", "--cert-out", self.ca_file], self.ca_file)
        outcome = self.run_stress("--threads", 8, "--orders-per-thread", 2, "--pool-size", 2,
                                  "--strategy", "per-thread,channel", *server.options)
        self.assertEqual(outcome.status, 0)
        handshakes = {"per-thread": [8], "channel": range(1, 3)}
        for run in outcome.json["runs"]:
            stress_program.check_run(self, run)
            self.assertIn(run["handshakes"]["engine"], handshakes[run["strategy"]])
            self.assertIsNone(run["connections"])  # the server's to count
            if run["memory_bytes"] is not None:  # a sanitizer's heap does not tell
                self.assertGreater(run["memory_bytes"], 10_000 * run["handshakes"]["engine"])

    def test_orders_that_get_no_client_in_time_are_not_sent(self):
        outcome = self.run_stress("--threads", 20, "--orders-per-thread", 1, "--pool-size", 1,
                                  "--acquire-timeout", "0ms", "--latency", "1s")
        self.assertEqual(outcome.status, 3)
        self.assertGreater(outcome.json["answered"], 0)
        self.assertGreater(outcome.json["not_sent"], 0)
        self.assertEqual(outcome.json["in_doubt"], 0)
        self.assertEqual(outcome.json["ledger_orders"], outcome.json["answered"])
        self.assertIn("no client: ", outcome.stdout)


class Account(Case):
    """Against exchanges that do wrong with every third order."""

    def place_orders(self, fault, strategy="pool"):
        server = Server(self, [DISHONEST, fault, self.ca_file], self.ca_file)
        outcome = self.run_stress("--threads", 5, "--orders-per-thread", 9, "--pool-size", 3,
                                  "--strategy", strategy, *server.options)
        wrong = server.close()
        self.assertEqual(outcome.json["orders"], 45)
        self.assertEqual(len(wrong), 0 if fault.endswith("-ledger") else 15)
        return outcome, wrong

    def assert_named(self, finding, wrong, outcome):
        self.assertEqual(outcome.json[finding], len(wrong))
        self.assertEqual(sorted(outcome.json["named"][finding]), sorted(wrong))
        if finding != "unknown":
            self.assertEqual(sorted(ID.findall(outcome.stdout)), sorted(wrong))
        self.assertIn("The account does not add up.", outcome.stdout)

    def test_orders_that_were_answered_and_not_made_are_named_as_missing(self):
        outcome, wrong = self.place_orders("forget")
        self.assertEqual(outcome.status, 1)
        self.assertEqual(outcome.json["answered"], 45)
        self.assertEqual(outcome.json["ledger_orders"], 30)
        self.assertEqual(outcome.json["duplicates"], 0)
        self.assertIn("MISSING", outcome.stdout)
        self.assert_named("missing", wrong, outcome)

    def test_orders_that_were_received_again_are_named_as_there_twice(self):
        outcome, wrong = self.place_orders("receive-twice")
        self.assertEqual(outcome.status, 1)
        self.assertEqual(outcome.json["missing"], 0)
        self.assertEqual(outcome.json["ledger_orders"], 45)
        self.assertIn("TWICE", outcome.stdout)
        self.assert_named("duplicates", wrong, outcome)

    def test_orders_that_got_anothers_answer_are_named_and_in_doubt(self):
        for strategy in ("pool", "per-thread", "channel"):
            with self.subTest(strategy):
                outcome, wrong = self.place_orders("mix-up", strategy)
                self.assertEqual(outcome.status, 1)
                self.assertEqual(outcome.json["answered"], 30)
                self.assertEqual(outcome.json["in_doubt"], 15)
                self.assertEqual(outcome.json["missing"], 0)
                self.assertIn("answered with another order's id", outcome.stdout)
                self.assert_named("mixed_up", wrong, outcome)

    def test_orders_that_were_never_sent_are_named_without_speaking_to_the_terminal(self):
        outcome, wrong = self.place_orders("invent")
        self.assertEqual(outcome.status, 1)
        self.assertEqual(outcome.json["answered"], 45)
        self.assertEqual(outcome.json["ledger_orders"], 45)
        self.assertEqual(outcome.json["missing"], 0)
        self.assertIn("UNKNOWN", outcome.stdout)
        self.assert_named("unknown", [order + "\x1b[2J" for order in wrong], outcome)
        for order in wrong:
            self.assertIn(f'    "{order}\\x1b[2J"\n', outcome.stdout)
        self.assertNotIn("\x1b", outcome.stdout)

    def test_orders_that_failed_and_were_made_are_in_doubt_and_not_missing(self):
        outcome, _ = self.place_orders("error")
        self.assertEqual(outcome.status, 3)
        self.assertEqual(outcome.json["answered"], 30)
        self.assertEqual(outcome.json["in_doubt"], 15)
        self.assertEqual(outcome.json["ledger_orders"], 45)
        self.assertEqual(outcome.json["missing"], 0)
        self.assertIn("15 orders: HTTP 500", outcome.stdout)
        self.assertIn("of those in doubt, in the ledger: 15", outcome.stdout)

    def test_without_a_ledger_it_says_so_and_claims_nothing(self):
        outcome, _ = self.place_orders("no-ledger")
        self.assertEqual(outcome.status, 0)
        self.assertEqual(outcome.json["answered"], 45)
        for name in ("ledger_orders", "duplicates", "missing", "received_not_sent", "unknown"):
            self.assertIsNone(outcome.json[name])
        self.assertIn("the server keeps no ledger", outcome.stdout)
        self.assertNotIn("exactly once", outcome.stdout)

    def assert_ledger_is_not_read(self, fault):
        outcome, _ = self.place_orders(fault)
        self.assertEqual(outcome.status, 3)
        self.assertEqual(outcome.json["answered"], 45)
        self.assertIsNone(outcome.json["missing"])
        self.assertIn("the ledger could not be read", outcome.stdout)
        self.assertIn("There is no account without the ledger.", outcome.stdout)

    def test_half_a_ledger_is_none(self):
        self.assert_ledger_is_not_read("half-ledger")

    def test_a_ledger_of_lists_in_lists_is_none(self):
        self.assert_ledger_is_not_read("deep-ledger")

    def test_a_ledger_that_was_there_before_the_run_is_not_taken_for_one_not_kept(self):
        self.assert_ledger_is_not_read("lost-ledger")


class OtherOrigins(Case):
    def test_a_server_may_outlive_many_runs_of_the_same_seed(self):
        server = Server(self, [EXCHANGE, "--port", "0", "--cert-out", self.ca_file], self.ca_file)
        for strategy in ("pool", "per-thread", "channel", "per-thread-tuned"):
            outcome = self.run_stress("--threads", 4, "--orders-per-thread", 5, "--strategy",
                                      strategy, *server.options)
            self.assertEqual(outcome.status, 0)
            self.assertEqual(outcome.json["ledger_orders"], 20)
        self.assertIsNone(outcome.json["handshakes"]["engine"])  # the server's to count
        self.assertIn("80 committed", server.end())

    def test_a_server_that_does_not_answer_is_named_before_anything_is_sent(self):
        outcome = self.run_stress("--origin", "https://127.0.0.1:1")
        self.assertEqual(outcome.status, 2)
        self.assertIn("https://127.0.0.1:1", outcome.stderr)
        self.assertEqual(outcome.stdout, "")

    def test_a_server_that_another_authority_vouches_for_gets_nothing(self):
        server = Server(self, [DISHONEST, "error", self.ca_file], self.ca_file)
        other = Server(self, [DISHONEST, "error", self.ca_file + ".other"], self.ca_file + ".other")
        outcome = self.run_stress("--origin", server.origin, "--ca-file", self.ca_file + ".other")
        self.assertEqual(outcome.status, 2)
        self.assertRegex(outcome.stderr, f"{server.origin}: SSL ?[Ss]erver ?[Vv]erification")
        self.assertEqual(server.close() + other.close(), [])

    def test_a_ca_file_that_cannot_be_read_is_named(self):
        outcome = self.run_stress("--origin", "https://127.0.0.1:1", "--ca-file", self.ca_file)
        self.assertEqual(outcome.status, 2)
        self.assertIn(f'--ca-file: "{self.ca_file}": expected', outcome.stderr)


class JsonFile(Case):
    def test_a_path_that_cannot_be_written_ends_it_before_anything_is_sent(self):
        server = Server(self, [DISHONEST, "error", self.ca_file], self.ca_file)
        path = os.path.join(self.ca_file, "result.json")  # in a file as if it were a folder
        done = subprocess.run([STRESS, "--json", path, *server.options], capture_output=True,
                              text=True, timeout=stress_program.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f'--json: "{path}": expected a file that can be written', done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(server.close(), [])

    def test_a_full_disk_is_an_error(self):
        done = subprocess.run([STRESS, "--json", "/dev/full", "--threads", "1",
                               "--orders-per-thread", "1"], capture_output=True, text=True,
                              timeout=stress_program.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write /dev/full", done.stderr)
        self.assertIn("orders per second", done.stdout)


class StandardOutput(Case):
    def test_a_report_that_cannot_be_written_is_an_error(self):
        for options in (["--threads", "1", "--orders-per-thread", "1"], ["--help"]):
            for target in ("/dev/full", "&-"):
                with self.subTest(options=options, target=target):
                    done = subprocess.run(
                        ["sh", "-c", f'exec "$@" >{target}', "sh", STRESS, *options],
                        capture_output=True, text=True, timeout=stress_program.PATIENCE)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn("cannot write to standard output", done.stderr)

    def test_the_results_are_in_their_file_all_the_same(self):
        done = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", STRESS, "--threads", "1",
                               "--orders-per-thread", "1", "--json", self.json_file],
                              capture_output=True, text=True, timeout=stress_program.PATIENCE)
        self.assertEqual(done.returncode, 2)
        stress_program.check_run(self, json.loads(pathlib.Path(self.json_file).read_text()))


class Interrupted(Case):
    def test_ctrl_c_ends_it_with_the_account_so_far(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            terminal, stderr = pty.openpty()
            process = subprocess.Popen(
                [STRESS, "--threads", "40", "--orders-per-thread", "5000", "--latency", "10ms",
                 "--json", self.json_file], stdout=subprocess.PIPE, stderr=stderr, text=True)
            self.addCleanup(process.kill)
            os.close(stderr)
            progress = ""
            while not re.search(r"pool: [1-9]\d* of 200000 orders", progress):
                progress += os.read(terminal, 4096).decode()
            process.send_signal(stop)
            stdout, _ = process.communicate(timeout=stress_program.PATIENCE)
            os.close(terminal)
            print(stdout)

            self.assertEqual(process.returncode, 130)
            result = json.loads(pathlib.Path(self.json_file).read_text())
            stress_program.check_run(self, result)
            self.assertGreater(result["answered"], 0)
            self.assertLess(result["orders"], 200_000)
            self.assertEqual(result["ledger_orders"], result["answered"])
            self.assertEqual((result["missing"], result["duplicates"], result["in_doubt"]),
                             (0, 0, 0))
            # Who stood in line was woken, and sent nothing.
            self.assertIn("orders: no client: stopped", stdout)
            self.assertIn("interrupted after", stdout)
            self.assertIn("the account adds up so far", stdout)


if __name__ == "__main__":
    STRESS, EXCHANGE, DISHONEST = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1])
