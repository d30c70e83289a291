"""Makes the pickles of the benchmark's table and times this Python's pickle.loads on them.

With a folder as argument it writes NAME.pickle for each. Then, for each line on standard input, it times pickle.loads on
the pickle of that name and answers with the median in nanoseconds.
"""

import pickle
import random
import statistics
import sys
import time

random.seed(1)


def text(low, high, letters):
    return "".join(random.choices(letters, k=random.randint(low, high)))


ASCII = "abcdefghijklmnopqrstuvwxyz"
OTHER = "äöüßéèñçабвгдежзийκλμνξ日本語漢字かな"

ROWS = {
    "dict 100k str→int": {f"key{i}": i for i in range(100_000)},
    "list 1M ints": [random.choice((i % 200, i % 60_000, i)) for i in range(1_000_000)],
    "list 100k short str": [text(4, 20, ASCII) for _ in range(100_000)],
    "bytes 10 MB": random.randbytes(10_000_000),
    "20k records": [
        {"id": i, "name": text(5, 12, ASCII), "score": i / 7, "tags": [text(3, 6, ASCII), "x"], "ok": i % 2 == 0}
        for i in range(20_000)
    ],
    "200k floats": [random.random() * 1000 for _ in range(200_000)],
    "50k non-ASCII str": [text(4, 20, OTHER) for _ in range(50_000)],
    "150-byte chat message": {
        "type": "message",
        "id": 12345,
        "room": "lobby",
        "from": "alice",
        "at": 1732362000.123,
        "body": "the quick brown fox jumps over the lazy dog, says alice",
    },
}


def median(data):
    """The median time of one call, in nanoseconds; short ones are timed many at a time."""
    count = 1 if len(data) > 10_000 else 2_000
    times = []
    for _ in range(9 if len(data) > 10_000 else 25):
        start = time.perf_counter_ns()
        for _ in range(count):
            pickle.loads(data)
        times.append((time.perf_counter_ns() - start) / count)
    return statistics.median(times)


PICKLES = {name: pickle.dumps(value, 4) for name, value in ROWS.items()}
for name, data in PICKLES.items():
    with open(f"{sys.argv[1]}/{name}.pickle", "wb") as file:
        file.write(data)
print("ready", flush=True)
for line in sys.stdin:
    print(median(PICKLES[line.strip()]), flush=True)
