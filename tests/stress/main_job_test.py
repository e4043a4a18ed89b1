"""The main job: 100 threads place their orders through 16 clients, and every one is accounted for.

Usage: main_job_test.py LEASEHOLD_STRESS ORDERS_PER_THREAD
"""
import sys
import unittest

import stress_program


class MainJob(unittest.TestCase):
    def test_no_order_is_missing_and_none_is_there_twice(self):
        outcome = stress_program.run(PROGRAM, "--threads", 100, "--orders-per-thread",
                                     ORDERS_PER_THREAD, "--pool-size", 16, "--seed", 7)
        print(outcome.stdout, outcome.stderr)
        self.assertEqual(outcome.status, 0)
        self.assertEqual(outcome.stderr, "")  # no progress where there is no terminal
        self.assertIn("Every order was answered, and is in the exchange's ledger exactly once.",
                      outcome.stdout)

        result = outcome.json
        stress_program.check_run(self, result)
        orders = 100 * ORDERS_PER_THREAD
        expected = {"strategy": "pool", "requests": "send", "threads": 100, "pool_size": 16, "seed": 7,
                    "tenants": 0, "orders": orders, "answered": orders, "refused": 0, "not_sent": 0, "in_doubt": 0,
                    "ledger_orders": orders, "mixed_up": 0, "missing": 0, "duplicates": 0,
                    "received_not_sent": 0, "committed_refused": 0, "misdirected": 0, "unknown": 0}
        self.assertEqual({name: result[name] for name in expected}, expected)
        # Each client connects once, if it is needed at all.
        self.assertIn(result["handshakes"]["engine"], range(1, 17))
        self.assertEqual(result["handshakes"]["maintenance"], 0)
        self.assertGreater(result["wait_us"]["p50"], 0)


if __name__ == "__main__":
    PROGRAM, ORDERS_PER_THREAD = sys.argv[1], int(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
