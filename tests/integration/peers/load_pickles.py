"""Loads pickles as an unwary peer does, with both of CPython's unpicklers, and tells what went wrong.

Reads one JSON object a line: pickle (base64), names (the only ones it may take), expect (what the dict that it is holds,
key by key, or null). Writes one JSON object for each that failed, and at last {"loaded": n}. Nothing is allowed or refused
here: memory and stack are limited, and what is imported or run on the way is noticed."""

import base64
import codecs
import collections
import datetime
import decimal
import faulthandler
import fractions
import json
import pathlib
import pickle
import sys
import uuid
import warnings

try:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20, int(sys.argv[1]) << 20))
except ImportError:
    pass
try:
    import numpy
    import numpy.core.multiarray
    import numpy.core.numeric

    numpy.dtype("M8[s]")
except ImportError:
    pass

warnings.simplefilter("error")
faulthandler.enable()
for encoding in ("ascii", "ASCII", "latin1", "latin-1", "utf-8", "raw-unicode-escape"):
    codecs.lookup(encoding)
MODULES = [collections, datetime, decimal, fractions, pathlib, uuid]
found = []
others = []
QUIET = {"pickle.find_class", "object.__getattr__", "import", "builtins.id", "sys._getframe"}


def hook(event, args):
    if event == "pickle.find_class":
        found.append(".".join(args))
    elif event not in QUIET:
        others.append(event)


def matches(value, expected):
    kind, text = expected
    if kind in ("None", "bool", "int", "str"):
        shown = value if kind == "str" else str(value)
        return type(value).__name__ == ("NoneType" if kind == "None" else kind) and shown == text
    if kind == "float":
        return type(value) is float and value.hex() == text
    return kind == "object" or type(value).__name__ == kind


def check(line):
    task = json.loads(line)
    payload = base64.b64decode(task["pickle"])
    for load in (pickle.loads, pickle._loads):
        found.clear()
        others.clear()
        before = set(sys.modules)
        try:
            value = load(payload)
            surprise = sorted(set(found) - set(task["names"])) + others + sorted(set(sys.modules) - before)
            if surprise:
                return "%s: %s" % (load.__name__, surprise)
            expect = task.get("expect")
            if expect is not None:
                strings = {k for k in value if type(k) is str and len(k.encode("utf-16-le", "surrogatepass")) <= 128}
                if len(strings) <= 64 and strings != set(expect):
                    return "%s: keys %r" % (load.__name__, strings)
                for k, v in expect.items():
                    if not matches(value[k], v):
                        return "%s: %r is %.200r, not %r" % (load.__name__, k, value[k], v)
            del value
        except BaseException as error:
            return "%s: %s: %.200s" % (load.__name__, type(error).__name__, error)
    return None


def main():
    if hasattr(sys, "addaudithook"):  # since 3.8
        sys.addaudithook(hook)
    loaded = 0
    for line in sys.stdin:
        fault = check(line)
        if fault is not None:
            print(json.dumps({"fault": fault, "line": line}), flush=True)
        loaded += 1
    print(json.dumps({"loaded": loaded}), flush=True)


main()
