"""Each program of docs/examples places all its orders at leasehold-exchange, and says so.

Usage: examples_test.py EXCHANGE EXAMPLE...
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PATIENCE = 120  # seconds until a program counts as hung


def main():
    exchange, *examples = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        ca_file = str(pathlib.Path(folder) / "ca.pem")
        with subprocess.Popen([exchange, "--port", "0", "--cert-out", ca_file],
                              stdout=subprocess.PIPE, text=True) as program:
            try:
                origin = program.stdout.readline().strip()
                keys = {"APCA_API_KEY_ID": "PKEXAMPLE", "APCA_API_SECRET_KEY": "s3cr3t"}
                settings = {"LEASEHOLD_CLIENT_ORIGIN": origin, "LEASEHOLD_CLIENT_CA_FILE": ca_file}
                placed = 0
                for example in examples:
                    run = subprocess.run([example], env=os.environ | keys | settings, stdout=subprocess.PIPE,
                                         text=True, timeout=PATIENCE)
                    assert run.returncode == 0, f"{example} ended with {run.returncode}: {run.stdout}"
                    orders = re.search(r"^(\d+) orders? placed", run.stdout, re.MULTILINE)
                    assert orders and int(orders[1]) > 0, f"{example}: {run.stdout}"
                    placed += int(orders[1])
                    assert "s3cr3t" not in run.stdout, f"{example}: {run.stdout}"
                    # Without its settings it says what is missing, and sends nothing.
                    env = keys | {name: value for name, value in os.environ.items()
                                  if not name.startswith("LEASEHOLD_")}
                    run = subprocess.run([example], env=env, capture_output=True, text=True,
                                         timeout=PATIENCE)
                    assert run.returncode == 2 and "client.origin" in run.stderr, f"{example}: {run}"
            finally:
                program.terminate()
            account = program.stdout.read()
    expected = f"Orders: {placed} committed, 0 sent again"
    assert expected in account, f"{expected} is not in: {account}"


if __name__ == "__main__":
    main()
