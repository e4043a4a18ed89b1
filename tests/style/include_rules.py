"""Who may include what. A new folder or library is a new row here, and a decision."""

# Public headers belong to the layer that implements them; everything below lib/ to its folder.
PUBLIC_LAYERS = {
    "built_with.hpp": "core",  # written by the build
    "client_lease.hpp": "client",
    "client_per_thread.hpp": "pool",
    "client_pool.hpp": "pool",
    "client_source.hpp": "pool",
    "httplib.hpp": "client",
    "leasehold.hpp": "users",  # includes all of the core library's headers; nobody inside includes it
    "detail/lease_home.hpp": "client",
    "paper/account.hpp": "paper/market",
    "paper/exchange.hpp": "paper",
    "paper/ledger.hpp": "paper/market",
    "acquire_options.hpp": "core",
    "alpaca/account.hpp": "alpaca",
    "alpaca/credentials.hpp": "alpaca",
    "alpaca/decimal.hpp": "alpaca",
    "alpaca/detail/carrier.hpp": "alpaca",
    "alpaca/journal.hpp": "alpaca",
    "alpaca/order.hpp": "alpaca",
    "alpaca/order_query.hpp": "alpaca",
    "alpaca/rate_budget.hpp": "alpaca",
    "alpaca/result.hpp": "alpaca",
    "alpaca/trading_client.hpp": "alpaca",
    "alpaca/trading_settings.hpp": "alpaca",
    "deadline.hpp": "core",
    "export.hpp": "core",
    "outcome.hpp": "core",
    "refusal.hpp": "core",
    "request.hpp": "wire",
    "request_channel.hpp": "channel",
    "response_channel.hpp": "channel",
    "settings.hpp": "core",
    "settings_error.hpp": "core",
    "settings_sources.hpp": "core",
    "status.hpp": "core",
}

# A layer includes itself and the layers named here. What is in none of them (tests, bench) is free.
LAYERS = {
    "core": {},
    "system": {"core"},
    "wire": {"core"},
    "lending": {"core", "system"},
    "client": {"core", "system", "wire"},
    "pool": {"core", "system", "wire", "lending", "client"},
    "channel": {"core", "system", "wire", "client"},
    "alpaca": {"core", "system", "wire", "client"},
    "users": {"core", "wire", "client", "pool", "channel"},
    "packaging": {},
    # The venue's two halves know nothing of each other; its routes join them.
    "paper/server": {"core", "system"},
    "paper/market": {"core", "system"},
    "paper": {"core", "system", "paper/server", "paper/market"},
}

# Each third-party header and its named includers (shell patterns; * also matches /).
INCLUDERS = {
    "httplib.h": ["include/leasehold/httplib.hpp", "lib/client/client_factory.cpp",
                  "lib/client/http_probe.cpp", "lib/packaging/built_with.cpp"],
    "openssl/*": ["lib/system/openssl.hpp", "lib/client/*", "lib/paper/server/*", "bench/*", "tests/net/*",
                  "tests/support/*", "tests/unit/client/*", "tests/unit/pool/allocation_test.cpp",
                  "tests/unit/paper/server/certificate_test.cpp"],
    "concurrentqueue/concurrentqueue.h": ["lib/lending/idle_queue.hpp", "lib/channel/intake.hpp", "bench/*"],
    "concurrentqueue/blockingconcurrentqueue.h": ["bench/*"],
    "rapidjson/*": ["lib/alpaca/json.cpp", "lib/core/settings_json.cpp", "lib/paper/market/order_codec.cpp", "bench/*", "tests/*"],
    "CLI/*": ["bench/*"],
    "benchmark/*": ["bench/*"],
    "sanitizer/*": ["tests/unit/pool/allocation_test.cpp"],
    "doctest/*": ["tests/*"],
    "boost/*": ["tests/support/beast_response.cpp"],
}

# Not third-party: the standard library's headers have neither a folder nor a suffix, and these are the
# C library's and the kernel's.
SYSTEM = ["arpa/*", "linux/*", "net/*", "netinet/*", "sys/*", "dirent.h", "dlfcn.h", "fcntl.h",
          "malloc.h", "netdb.h", "poll.h", "pthread.h", "sched.h", "signal.h", "spawn.h",
          "stdlib.h", "sysexits.h", "time.h", "unistd.h"]

# What users get from the core library's headers without asking for it: none of these, at any depth; and
# the headers by which they ask.
HIDDEN_FROM_USERS = ["httplib.h", "openssl/", "rapidjson/", "concurrentqueue"]
SHOWN_BY = ["include/leasehold/httplib.hpp"]

# Public headers that are not in the tree.
WRITTEN_BY_THE_BUILD = ["leasehold/built_with.hpp"]
