"""Servers with nothing but Python's standard library that `chat --connect` talks to: connector_peers.py WHICH.

Each listens on a free port of loopback, prints that port, serves one connection, and prints as Python's repr what it
received, one object a line.
"""
import pickle
import socket
import sys

HEADERSIZE = 10


def frame(payload):
    return bytes(f"{len(payload):<{HEADERSIZE}}", "utf-8") + payload


def send(conn, obj, protocol=pickle.DEFAULT_PROTOCOL):
    conn.sendall(frame(pickle.dumps(obj, protocol)))


def receive_exactly(conn, size):
    got = b""
    while len(got) < size:
        more = conn.recv(min(65536, size - len(got)))
        if not more:
            return None
        got += more
    return got


def receive(conn):
    header = receive_exactly(conn, HEADERSIZE)
    if header is None:
        raise EOFError
    return pickle.loads(receive_exactly(conn, int(header)))


def print_all(conn):
    while True:
        try:
            print(repr(receive(conn)), flush=True)
        except EOFError:
            return


def tutorial(conn):
    """What the tutorial's server does: one dict, and then it forgets about the client."""
    send(conn, {1: "hi", 2: "there"})
    conn.recv(1)


def listens(conn):
    """Says nothing first and prints what comes."""
    print_all(conn)


def greets(conn):
    """Says something, then prints what comes, and counts it in its answer."""
    send(conn, "hello")
    count = 0
    while True:
        try:
            print(repr(receive(conn)), flush=True)
        except EOFError:
            break
        count += 1
    send(conn, {"received": count})


def protocols(conn):
    """One object in every protocol, the last frame byte by byte."""
    value = {"text": "zw\u00f6lf \U0001f600", "list": [1, 2.0, None, True], "tuple": (1, (2,)), "big": 2**70}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        send(conn, value, protocol)
    for byte in frame(pickle.dumps("last")):
        conn.sendall(bytes([byte]))


def large(conn):
    """50 MB in one frame, and what the header may look like."""
    send(conn, b"\0" * 50_000_000)
    payload = pickle.dumps("right-aligned")
    conn.sendall(bytes(f"{len(payload):>{HEADERSIZE}}", "utf-8") + payload)


def dies(conn):
    """Ends inside a frame."""
    conn.sendall(frame(pickle.dumps("cut"))[:-2])


def flood(conn):
    """So much that only a reader who reads on gets it all."""
    try:
        for number in range(100_000):
            send(conn, number)
    except OSError:
        pass


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    print(server.getsockname()[1], flush=True)
    conn, _ = server.accept()
    with server, conn:
        globals()[sys.argv[1]](conn)


main()
