"""Python programs that meet a listener: listener_peer.py PORT WHAT. Each ends with status 0 if all was as it should be."""
import pickle
import socket
import sys

sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
stream = sock.makefile("rb")


def frame(obj, protocol=4):
    payload = pickle.dumps(obj, protocol)
    return f"{len(payload):<10}".encode() + payload


def receive():
    return pickle.loads(stream.read(int(stream.read(10))))


def until(kind):
    while (said := receive())["type"] != kind:
        assert said["type"] != "error" or said["code"] == "slow-down", said
    return said


def byte_by_byte():
    for byte in frame({"type": "hello", "nick": "slow", "echo": True}) + frame("slowly"):
        sock.sendall(bytes([byte]))
    assert until("message")["body"] == "slowly"


def many_in_one_send():
    hello = frame({"type": "hello", "nick": "fast", "echo": True})
    sock.sendall(hello + b"".join(frame(n) for n in range(5000)))
    for n in range(5000):
        assert until("message")["body"] == n


def fifty_megabytes():
    body = bytes(range(256)) * (50 * 2**20 // 256)
    sock.sendall(frame({"type": "hello", "nick": "big", "echo": True}) + frame(body))
    assert until("message")["body"] == body


def every_protocol():
    objects = [
        None, True, 0, 255, -1, 2**31, -(2**63), 2**100, 0.0, -1.5, float("inf"), "text", "\u6f22\U0001f600", b"\0\xff",
        bytearray(b"array"), [1, [2]], (), (1,), (1, 2, 3, 4), {1: "hi", 2: "there"}, {1, 2}, frozenset({3}), 1 + 2j,
    ]
    sock.sendall(frame({"type": "hello", "nick": "all", "echo": True}))
    for protocol in range(6):
        for obj in objects:
            sock.sendall(frame(obj, protocol))
            body = until("message")["body"]
            assert body == obj and type(body) is type(obj), (protocol, obj, body)


{f.__name__: f for f in (byte_by_byte, many_in_one_send, fifty_megabytes, every_protocol)}[sys.argv[2]]()
