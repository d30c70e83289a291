"""CPython's side of bench_pickle.ts: holds the values, times pickle.dumps and pickle.loads of one of them when asked to.

A line "NAME dumps" or "NAME loads" on standard input is answered by the nanoseconds that it took; "NAME pickle" by the
pickle in base64, protocol 4.
"""
import base64
import pickle
import random
import sys
import time

rng = random.Random(1)
VALUES = {
    "dict": {f"key{i}": i for i in range(100_000)},
    "ints": list(range(1_000_000)),
    "strs": [f"item {i}" for i in range(100_000)],
    "bytes": rng.randbytes(10_000_000),
    "records": [
        {"id": i, "name": f"user {i}", "score": i * 1.25, "active": i % 2 == 0, "tags": ["a", "b"], "note": None}
        for i in range(20_000)
    ],
    "floats": [rng.random() for _ in range(200_000)],
    "text": [f"naïve café № {i}" for i in range(50_000)],
    "chat": {
        "type": "message", "id": 123456, "room": "lobby", "from": "alice", "at": 1700000000.123,
        "body": "Hello, how are you doing today? This is a line of chat.",
    },
}
REPEATED = {"bytes": 10, "chat": 5000}


def timed(call, argument, times):
    begin = time.perf_counter_ns()
    for _ in range(times):
        call(argument)
    return (time.perf_counter_ns() - begin) / times


print(sys.version.split()[0], flush=True)
PICKLES = {name: pickle.dumps(value, 4) for name, value in VALUES.items()}
for line in sys.stdin:
    name, what = line.split()
    if what == "pickle":
        print(base64.b64encode(PICKLES[name]).decode(), flush=True)
    elif what == "dumps":
        print(timed(lambda value: pickle.dumps(value, 4), VALUES[name], REPEATED.get(name, 1)), flush=True)
    else:
        print(timed(pickle.loads, PICKLES[name], REPEATED.get(name, 1)), flush=True)
