"""Talks to the codec under test: a pickle goes out as a line of base64, and comes back decoded and encoded again."""
import base64
import json
import sys


class Refused(Exception):
    """The codec answered with an error."""


def again(data, protocol, extensions=(), buffers=()):
    """Returns the pickle that the codec makes, in that protocol, of what it decoded from `data`.

    `extensions` are (code, module, name); `buffers` are the bytes that stand out of band, and stay there.
    """
    outside = {"extensions": list(extensions), "buffers": [base64.b64encode(one).decode() for one in buffers]}
    print(protocol, base64.b64encode(data).decode(), json.dumps(outside, separators=(",", ":")), flush=True)
    answer = sys.stdin.readline().rstrip("\n")
    if not answer or answer.startswith("!"):
        raise Refused(answer)
    return base64.b64decode(answer)
