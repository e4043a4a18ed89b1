"""leasehold-exchange from outside: says where it is, serves, ends on a signal with an account.

Usage: exchange_program_test.py PROGRAM
"""
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop()
ORDER = b'{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day","client_order_id":"a"}'


def post(port, ca_file, body, headers=b""):
    """The answer's status, over a connection of its own that trusts this authority alone."""
    trust = ssl.create_default_context(cafile=ca_file)
    with trust.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=120),
                           server_hostname="localhost") as tls:
        tls.sendall(b"POST /v2/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s"
                    b"Content-Length: %d\r\n\r\n%s" % (headers, len(body), body))
        return int(tls.makefile("rb").readline().split()[1])


class ExchangeProgram(unittest.TestCase):
    def serve_until(self, ending):
        with tempfile.TemporaryDirectory() as folder:
            ca_file = str(pathlib.Path(folder) / "ca.pem")
            with subprocess.Popen([PROGRAM, "--port", "0", "--latency", "1ms", "--cert-out", ca_file],
                                  stdout=subprocess.PIPE, text=True) as program:
                origin = program.stdout.readline().strip()
                self.assertRegex(origin, r"^https://127\.0\.0\.1:\d+$")
                port = int(origin.rsplit(":", 1)[1])
                self.assertEqual([post(port, ca_file, body) for body in (ORDER, ORDER, b"{")],
                                 [200, 422, 400])
                program.send_signal(ending)
                account = program.stdout.read()
                self.assertEqual(program.wait(timeout=120), 0)
        self.assertRegex(account, r"^3 connections accepted and 0 turned away, 3 TLS handshakes "
                                  r"\(0 failed\), 3 requests\. Orders: 1 committed, 1 sent again under "
                                  r"a spent client_order_id, 1 refused\.\n$")

    def test_ends_on_interrupt_with_an_account(self):
        self.serve_until(signal.SIGINT)

    def test_ends_on_termination_with_an_account(self):
        self.serve_until(signal.SIGTERM)

    def test_accounts_come_from_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            accounts = pathlib.Path(folder) / "accounts.json"
            accounts.write_text('[{"key_id":"AK1","secret":"hunter2"}]')
            ca_file = str(pathlib.Path(folder) / "ca.pem")
            with subprocess.Popen([PROGRAM, "--accounts", str(accounts), "--cert-out", ca_file],
                                  stdout=subprocess.PIPE, text=True) as program:
                port = int(program.stdout.readline().rsplit(":", 1)[1])
                keys = b"APCA-API-KEY-ID: AK1\r\nAPCA-API-SECRET-KEY: %s\r\n"
                self.assertEqual([post(port, ca_file, ORDER, headers)
                                  for headers in (b"", keys % b"hunter3", keys % b"hunter2")],
                                 [401, 401, 200])
                program.send_signal(signal.SIGTERM)
                self.assertNotIn("hunter2", program.stdout.read())
                self.assertEqual(program.wait(timeout=120), 0)

    def test_bad_accounts_are_named_and_not_repeated(self):
        account = '{"key_id":"AK1","secret":"hunter2"}'
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "accounts.json"
            for content, words in (
                    ("", "a JSON list of accounts"),
                    ("[]", "a JSON list of accounts"),
                    (account, "a JSON list of accounts"),
                    (f"[{account}", "a JSON list of accounts"),
                    ('["hunter2"]', "[0]"),
                    (f'[{account},{{"key_id":"AK2"}}]', "[1].secret"),
                    ('[{"key_id":"","secret":"hunter2"}]', "[0].key_id"),
                    ('[{"key_id":7,"secret":"hunter2"}]', "[0].key_id"),
                    ('[{"key_id":"AK1","secret":"hunter2","secret":"hunter2"}]', "[0].secret"),
                    ('[{"key_id":"AK1","secret":"hunter2","hunter2":"x"}]', "no members but"),
                    (f"[{account},{account}]", "ExchangeSettings.accounts[1].key_id"),
                    ('[{"key_id":"AK1","secret":"hunter2 "}]', "ExchangeSettings.accounts[0].secret")):
                with self.subTest(content=content):
                    path.write_text(content)
                    ended = subprocess.run([PROGRAM, "--accounts", str(path)], capture_output=True,
                                           text=True, timeout=120)
                    self.assertEqual(ended.returncode, 2)
                    self.assertIn(words, ended.stderr)
                    self.assertNotIn("hunter2", ended.stderr)
                    self.assertEqual(ended.stdout, "")
            for unreadable in (folder, folder + "/none.json"):
                with self.subTest(unreadable=unreadable):
                    ended = subprocess.run([PROGRAM, "--accounts", unreadable], capture_output=True,
                                           text=True, timeout=120)
                    self.assertEqual(ended.returncode, 2)
                    self.assertIn("a file that can be read", ended.stderr)

    def test_an_output_that_cannot_be_written_is_an_error(self):
        for options in ([], ["--help"]):
            for target in ("/dev/full", "&-"):
                with self.subTest(options=options, target=target):
                    ended = subprocess.run(["sh", "-c", f'exec "$@" >{target}', "sh", PROGRAM, *options],
                                           capture_output=True, text=True, timeout=120)
                    self.assertEqual(ended.returncode, 2)
                    self.assertIn("cannot write to standard output", ended.stderr)

    def test_an_account_that_cannot_be_written_is_an_error(self):
        reader, writer = os.pipe()
        with subprocess.Popen([PROGRAM], stdout=writer, stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
                              restore_signals=False) as program:
            os.close(writer)
            origin = b""
            while not origin.endswith(b"\n"):
                origin += os.read(reader, 4096)
            os.close(reader)
            program.send_signal(signal.SIGTERM)
            self.assertIn("cannot write to standard output", program.stderr.read())
            self.assertEqual(program.wait(timeout=120), 2)

    def test_bad_options_are_named(self):
        for options, words in (
                (["--latency", "2"], '--latency: "2": expected a whole number and its unit'),
                (["--latency", "2 fortnights"], '--latency: "2 fortnights": expected'),
                (["--latency", "-2ms"], '--latency: "-2ms": expected'),
                (["--latency", "70m"], 'from 0ms to 60m'),
                (["--idle-timeout", "500us"], '--idle-timeout: "500us": expected'),
                (["--idle-timeout", "1500us"], '--idle-timeout: "1500us": expected'),
                (["--port", "99999"], '--port: "99999": expected a whole number from 0 to 65535'),
                (["--bind", "nowhere"], "ExchangeSettings.bind"),
                (["--threads", "0"], '--threads: "0": expected a whole number from 1 to 64'),
                (["--cert-out", "/no/such/folder/ca.pem"], "/no/such/folder/ca.pem"),
                (["--surprise"], "--surprise"),
                # What may be a credential is not repeated.
                (["--bind", "https:/svc:hunter2@host"], '"https:/***@host"'),
                (["--threads", "svc:hunter2@host"], '"***@host"'),
                (["--cert-out", "https://svc:hunter2@host"], '--cert-out: "https://***@host"'),
                (["--surprise", "https://svc:hunter2@host"], "--surprise"),
                (["--surprise=https://svc:hunter2@host"], "--surprise"),
                (["svc:hunter2@host"], '"***@host"')):
            with self.subTest(options=options):
                ended = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=120)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(words, ended.stderr)
                self.assertNotIn("hunter2", ended.stderr)
                self.assertEqual(ended.stdout, "")


if __name__ == "__main__":
    unittest.main()
