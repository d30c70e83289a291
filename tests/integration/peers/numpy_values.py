"""Arrays, scalars and dtypes of numpy out of a seed.

    numpy_values.py write SEED COUNT    a line of JSON for each: its pickle in base64, its repr, its str
    numpy_values.py check SEED COUNT    reads a line of base64 for each, or an empty one, and writes the number and repr
                                        of those whose repr pickle.loads does not give back
"""

import base64
import json
import pickle
import random
import sys
import warnings

import numpy

warnings.simplefilter("ignore")

UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s", "3M"]
SIMPLE = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", ">i4", ">f8", ">f4", ">u2"]
SHAPES = [(), (1,), (3,), (5,), (20,), (2, 3), (3, 1, 2), (0,), (0, 3), (1001,), (40, 40), (2, 600), (7, 3, 60), (30,)]


def dtype(rand, depth=0):
    kind = rand.randrange(10)
    if kind < 5:
        return numpy.dtype(rand.choice(SIMPLE))
    if kind == 5:
        return numpy.dtype(rand.choice(["M8", "m8"]) + f"[{rand.choice(UNITS)}]")
    if kind == 6:
        return numpy.dtype(rand.choice(["U1", "U7", ">U2", "S1", "S9", "V1", "V4"] + ["U0", "S0"] * (depth == 0)))
    if kind == 7 and depth < 2:
        names = rand.sample(["a", "b", "long name", "it's", "é"], rand.randint(1, 3))
        formats = [(dtype(rand, depth + 1), rand.choice([(), (), (2,), (2, 3)])) for _ in names]
        return numpy.dtype({"names": names, "formats": formats}, align=rand.random() < 0.3)
    # Alone among fields a long double would show more digits than parse keeps.
    return numpy.dtype(rand.choice(["i8", "f8", "f8", "f4"] + ["longdouble", "clongdouble"] * (depth == 0)))


def numbers(rand, count):
    """Floats that look alike within an array, as people's do."""
    scale = 10.0 ** rand.choice([0, 0, 0, 1, 3, 6, 8, -3, -5, 15])
    kind = rand.randrange(5)
    if kind == 0:
        found = [rand.uniform(-1, 1) * scale for _ in range(count)]
    elif kind == 1:
        found = [round(rand.uniform(-100, 100), rand.randrange(4)) for _ in range(count)]
    elif kind == 2:
        found = [float(rand.randint(-1000, 1000)) for _ in range(count)]
    elif kind == 3:
        found = [rand.randint(0, 2**12) / 2.0 ** rand.randint(0, 14) for _ in range(count)]
    else:
        found = [rand.uniform(-1, 1) * 10.0 ** rand.randint(-12, 12) for _ in range(count)]
    if rand.random() < 0.3:
        found = [rand.choice([float("nan"), float("inf"), -0.0, 0.0, x]) for x in found]
        if rand.random() < 0.5:
            found = [x if x == x and abs(x) != float("inf") else rand.choice([x, -float("inf")]) for x in found]
    return found


def fill(rand, kind, shape):
    count = int(numpy.prod(shape))
    if kind.names is not None:
        array = numpy.zeros(shape, kind)
        for name in kind.names:
            array[name] = fill(rand, kind[name].base, shape + kind[name].shape)
        return array
    if kind.kind in "fc":
        flat = numpy.array(numbers(rand, count), "longdouble")
        if kind.kind == "c":
            flat = flat + 1j * numpy.array(numbers(rand, count), "longdouble")
        return flat.astype(kind).reshape(shape)
    if kind.kind in "iumM":
        bits = rand.choice([3, 8, 20, 40])
        flat = [rand.getrandbits(bits) * rand.choice([1, 1, -1]) for _ in range(count)]
        array = numpy.array(flat, "i8").reshape(shape)
        if kind.kind in "mM":
            array = numpy.where(numpy.array([rand.random() < 0.1 for _ in flat]).reshape(shape), -(2**63), array)
        return array.astype("i8").view("i8").astype(kind) if kind.kind in "iu" else array.astype(kind)
    if kind.kind == "b":
        return numpy.array([rand.random() < 0.5 for _ in range(count)], kind).reshape(shape)
    if kind.kind == "U":
        texts = ["".join(rand.choice("ab'\"\\é😀\n\0") for _ in range(rand.randrange(8))) for _ in range(count)]
        return numpy.array(texts, kind).reshape(shape)
    array = numpy.frombuffer(rand.randbytes(count * kind.itemsize), kind) if kind.itemsize else numpy.zeros(count, kind)
    return array.reshape(shape)


def objects(rand, depth=0):
    shape = rand.choice([(), (2,), (3,), (2, 2), (2, 3), (3, 2, 2), (12,), (1001,)])
    array = numpy.empty(shape, object, rand.choice("CF"))
    for index in numpy.ndindex(array.shape):
        kind = rand.randrange(6)
        if kind == 0 and depth < 2 and array.size < 100:
            array[index] = objects(rand, depth + 1)
        elif kind == 1 and array.size < 100:
            array[index] = fill(rand, dtype(rand), rand.choice([(2,), (30,), (3, 2)]))
        else:
            array[index] = rand.choice([None, 1, "a" * rand.randrange(30), [1, [2]], (1,), {"a": 1.5}, b"x", 2.5])
    return array


def value(rand):
    kind = rand.randrange(10)
    if kind == 0:
        return dtype(rand)
    if kind == 1:
        return objects(rand)
    array = fill(rand, dtype(rand), rand.choice(SHAPES) if kind > 3 else (3,))
    if kind < 4:
        return array[rand.randrange(3)]
    return numpy.asfortranarray(array) if kind == 5 else array


def values(seed, count):
    rand = random.Random(seed)
    return [value(rand) for _ in range(count)]


def write(seed, count):
    rand = random.Random(seed)
    for x in values(seed, count):
        print(json.dumps([base64.b64encode(pickle.dumps(x, rand.randrange(6))).decode(), repr(x), str(x)]))


def check(seed, count):
    for number, (x, line) in enumerate(zip(values(seed, count), sys.stdin)):
        if line == "\n":
            continue
        try:
            again = pickle.loads(base64.b64decode(line))
            # Up to protocol 4 an array comes back in the machine's order of bytes.
            if repr(again) != repr(pickle.loads(pickle.dumps(x, 4))):
                print(number, repr(x), repr(again))
        except Exception as error:
            print(number, repr(x), repr(error))


{"write": write, "check": check}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
