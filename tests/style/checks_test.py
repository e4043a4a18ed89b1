"""The style checks find what they look for: each is shown a small tree that breaks one rule."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
COMPILER = sys.argv[1:]  # a list of words: it may begin with a launcher
del sys.argv[1:]


class ChecksTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name).resolve()
        self.add("include/leasehold/settings.hpp", "#pragma once\n#include <string>\nstd::string origin();\n")
        self.add("lib/core/clock.hpp", "#pragma once\n#include <chrono>\n")
        self.add("lib/pool/desk.hpp", '#pragma once\n#include "core/clock.hpp"\n')

    def add(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_check(self, name, *arguments):
        return subprocess.run([sys.executable, HERE / name, self.root, *arguments],
                              capture_output=True, text=True)

    def accepts(self, name, *arguments):
        result = self.run_check(name, *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def refuses(self, expected, name, *arguments):
        result = self.run_check(name, *arguments)
        self.assertEqual(result.returncode, 1)
        self.assertIn(expected, result.stderr)

    # --- includes

    def test_includes_that_point_down_are_accepted(self):
        self.accepts("check_includes.py")

    def test_an_include_that_points_up_is_refused(self):
        self.add("lib/core/clock.cpp", '#include "core/clock.hpp"\n#include "pool/desk.hpp"\n')
        self.refuses('lib/core/clock.cpp:2: layer core includes "pool/desk.hpp" of layer pool',
                     "check_includes.py")

    def test_a_private_header_in_a_public_one_is_refused(self):
        self.add("include/leasehold/status.hpp", '#pragma once\n#include "core/clock.hpp"\n')
        self.refuses("include/leasehold/status.hpp:2: a public header includes the private",
                     "check_includes.py")

    def test_the_paper_exchange_sees_no_pool(self):
        self.add("include/leasehold/client_pool.hpp", "#pragma once\n")
        self.add("lib/paper/exchange.cpp", '#include "leasehold/client_pool.hpp"\n')
        self.refuses("lib/paper/exchange.cpp:1: layer paper includes", "check_includes.py")

    def test_the_halves_of_the_venue_do_not_know_each_other(self):
        self.add("lib/paper/server/event_loop.hpp", "#pragma once\n")
        self.add("lib/paper/market/order.cpp", '#include "paper/server/event_loop.hpp"\n')
        self.refuses("lib/paper/market/order.cpp:1: layer paper/market includes",
                     "check_includes.py")
        self.add("lib/paper/market/order.cpp", "\n")
        self.add("lib/paper/routes.cpp", '#include "paper/server/event_loop.hpp"\n')
        self.accepts("check_includes.py")

    def test_a_third_party_header_is_only_for_its_named_includers(self):
        self.add("lib/pool/desk.cpp", "#include <httplib.h>\n")
        self.refuses("lib/pool/desk.cpp:1: <httplib.h> may be included only by include/leasehold/httplib.hpp,",
                     "check_includes.py")

    def test_an_unknown_third_party_header_is_refused(self):
        self.add("lib/core/clock.cpp", "#include <absl/time/clock.h>\n")
        self.refuses("lib/core/clock.cpp:1: <absl/time/clock.h> has no named includers",
                     "check_includes.py")

    def test_a_folder_without_a_layer_is_refused(self):
        self.add("lib/extras/more.cpp", "\n")
        self.refuses("lib/extras/more.cpp:1: layer extras has no row", "check_includes.py")

    def test_a_public_header_without_a_layer_is_refused(self):
        self.add("include/leasehold/more.hpp", "#pragma once\n")
        self.refuses("include/leasehold/more.hpp:1: layer more.hpp has no row", "check_includes.py")

    # --- headers

    def check_headers(self, check):
        self.add("build/compile_commands.json",
                 '[{"command": "c++ -I../lib -I../include -isystem../third"}]')
        check("check_headers.py", self.root / "build", *COMPILER)

    def test_headers_that_compile_alone_are_accepted(self):
        self.check_headers(self.accepts)

    def test_a_header_that_needs_another_before_it_is_refused(self):
        self.add("lib/core/origin.hpp", "#pragma once\nstd::string origin();\n")
        self.check_headers(lambda *args: self.refuses(
            "lib/core/origin.hpp:1: expected to compile alone", *args))

    def test_a_header_with_a_warning_is_refused(self):
        self.add("lib/core/origin.hpp", "#pragma once\ninline char f(int n) { return n; }\n")
        self.check_headers(lambda *args: self.refuses("conversion", *args))

    def test_a_third_party_header_that_users_would_see_is_refused(self):
        self.add("third/httplib.h", "\n")
        self.add("include/leasehold/hidden.hpp", "#pragma once\n#include <httplib.h>\n")
        self.add("include/leasehold/status.hpp", '#pragma once\n#include "leasehold/hidden.hpp"\n')
        self.check_headers(lambda *args: self.refuses(
            "include/leasehold/status.hpp:1: expected no third-party header", *args))

    def test_a_header_for_those_who_ask_shows_a_third_party_header(self):
        self.add("third/httplib.h", "\n")
        self.add("include/leasehold/httplib.hpp", "#pragma once\n#include <httplib.h>\n")
        self.check_headers(self.accepts)

    # --- words

    def test_ordinary_words_are_accepted(self):
        self.accepts("check_words.py")

    def test_a_note_for_later_is_refused(self):
        self.add("bench/acquire.cpp", "\n// TODO: more threads\n")
        self.refuses('bench/acquire.cpp:2: "TODO"; expected an issue', "check_words.py")

    def test_a_sleep_in_the_library_is_refused(self):
        self.add("lib/core/clock.cpp", "std::this_thread::sleep_for(1s);\n")
        self.refuses('lib/core/clock.cpp:1: "sleep_for"; expected a signal', "check_words.py")

    def test_output_from_the_library_is_refused(self):
        self.add("lib/core/clock.cpp", 'std::cerr << "late";\n')
        self.refuses('lib/core/clock.cpp:1: "std::cerr"; expected no output', "check_words.py")

    def test_a_line_over_100_columns_is_refused(self):
        self.add("lib/core/clock.cpp", "int a;\n//" + 98 * "x" + "\n//" + 99 * "x" + "\n")
        self.refuses("lib/core/clock.cpp:3: ", "check_words.py")

    def test_a_comment_within_a_comment_is_refused(self):
        self.add("lib/core/clock.cpp", "// can no longer be   // trusted\n")
        self.refuses("lib/core/clock.cpp:1: ", "check_words.py")
        self.add("lib/core/clock.cpp", "//   int now();  // see https://example.com\n")
        self.accepts("check_words.py")

    def test_a_header_without_its_guard_is_refused(self):
        self.add("lib/core/origin.hpp", "int origin();\n")
        self.refuses("lib/core/origin.hpp:1: expected #pragma once", "check_words.py")


if __name__ == "__main__":
    unittest.main()
