"""A robot: enters a chat on this machine, posts each line of its input, a Python literal, and waits until it is stored."""

import ast
import pickle
import socket
import sys


def main(port):
    sock = socket.create_connection(("127.0.0.1", int(port)))
    stream = sock.makefile("rwb", 0)

    def say(obj):
        payload = pickle.dumps(obj)
        stream.write(f"{len(payload):<10}".encode() + payload)

    def hear():
        length = int(stream.read(10))
        payload = b""
        while len(payload) < length:
            payload += stream.read(length - len(payload))
        return pickle.loads(payload)

    say({"type": "hello", "nick": "robot", "replay": 0})
    for ref, line in enumerate(sys.stdin):
        say({"type": "message", "body": ast.literal_eval(line), "ref": ref})
        while True:
            heard = hear()
            if heard.get("type") == "error":
                sys.exit(str(heard))
            if heard.get("type") == "ack" and heard.get("ref") == ref:
                break


main(*sys.argv[1:])
