"""Measures the screen: how soon the first prompt stands, how soon typing is seen under a flood, how long a replay takes.

python3 scripts/bench_screen.py [PROGRAM ...]   the program, such as dist/chat; if left out: deno run … main.ts
"""

import fcntl
import itertools
import os
import pathlib
import pickle
import pty
import select
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

MAIN = pathlib.Path(__file__).resolve().parent.parent / "main.ts"
DENO = ["deno", "run", "--no-prompt", "--allow-net", "--allow-env=NO_COLOR,TERM,TZ", str(MAIN)]
PROGRAM = sys.argv[1:] or DENO
REPLAYED = 50_000
FLOOD_PER_SECOND = 500
KEYS = 400
STARTS = 21


def frame(value):
    payload = pickle.dumps(value, 4)
    return f"{len(payload):<10}".encode() + payload


def message(number):
    body = f"message {number} of about sixty characters, as people write them"
    return {"type": "message", "room": "lobby", "id": number, "from": "bob", "at": time.time(), "body": body}


def welcome():
    return {
        "type": "welcome", "protocol": 1, "nick": "alice", "room": "lobby", "session": "0" * 32, "epoch": "e",
        "server": "bench", "version": "0", "limits": {},
    }


class Listener:
    """Welcomes one connector, replays so many messages to it, and then floods it until it is closed."""

    def __init__(self, replayed, per_second):
        self.replayed, self.per_second = replayed, per_second
        # Made before: what is measured is the connector.
        self.old = b"".join(frame(message(n + 1)) for n in range(replayed))
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.started = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        conn, _ = self.socket.accept()
        threading.Thread(target=self.discard, args=(conn,), daemon=True).start()
        # The hello's ref is of the connector's choosing, so it is read from the first frame.
        while not self.started.wait(0.01):
            pass
        nicks = {"type": "joined", "room": "lobby", "nick": "alice", "at": time.time(), "nicks": ["alice", "bob"]}
        replay = {"type": "replay", "room": "lobby", "count": self.replayed}
        try:
            conn.sendall(frame(welcome() | {"ref": self.ref}) + frame(nicks) + frame(replay) + self.old)
            number, start = self.replayed, time.perf_counter()
            while self.per_second:
                while number - self.replayed < (time.perf_counter() - start) * self.per_second:
                    number += 1
                    conn.sendall(frame(message(number)))
                time.sleep(0.001)
        except OSError:
            pass

    def discard(self, conn):
        read = conn.makefile("rb")
        size = int(read.read(10))
        self.ref = pickle.loads(read.read(size)).get("ref")
        self.started.set()
        try:
            while read.read1(1 << 16):
                pass
        except OSError:
            pass


class Seat:
    """A terminal with a program in it."""

    def __init__(self, command):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.pid = pid

    def until(self, text, seconds=60):
        seen, end = b"", time.perf_counter() + seconds
        while text not in seen:
            if not select.select([self.fd], [], [], max(0, end - time.perf_counter()))[0]:
                raise TimeoutError(f"{text!r} was never seen")
            seen = seen[-len(text):] + os.read(self.fd, 1 << 16)

    def read_for(self, seconds):
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                os.read(self.fd, 1 << 16)

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        os.kill(self.pid, 15)
        try:
            while os.read(self.fd, 1 << 16):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def connector(listener):
    return [*PROGRAM, "--connect", f"127.0.0.1:{listener.port}", "--nick", "alice"]


def echo(per_second):
    seat = Seat(connector(Listener(0, per_second)))
    seat.until(b"lobby> ")
    seat.read_for(1)
    times = []
    for key in range(KEYS):
        seat.read_for(0.015 + 0.001 * (key % 17))
        char = chr(0x4E00 + key)
        start = time.perf_counter()
        seat.type(char)
        seat.until(char.encode())
        times.append((time.perf_counter() - start) * 1000)
        if key % 40 == 39:
            seat.type("\x15")
    seat.end()
    times.sort()
    print(f"echo at {per_second} messages a second: median {times[KEYS // 2]:.1f} ms, "
          f"p95 {times[KEYS * 95 // 100]:.1f} ms, worst {times[-1]:.1f} ms")


def start():
    """From the start of the program to the prompt of the room, against a listener of the same program."""
    serve = ["--serve", "--host", "127.0.0.1", "--port", "0", "--quiet"]
    listener = subprocess.Popen([*PROGRAM, *serve], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    port = listener.stderr.readline().rsplit(b":", 1)[1].strip().decode()
    # What it logs from now on is not to fill the pipe.
    threading.Thread(target=listener.stderr.read, daemon=True).start()
    prompts, versions = [], []
    for _ in range(STARTS + 1):
        began = time.perf_counter()
        seat = Seat([*PROGRAM, "--connect", f"127.0.0.1:{port}"])
        seat.until(b"lobby> ")
        prompts.append((time.perf_counter() - began) * 1000)
        seat.end()
        began = time.perf_counter()
        subprocess.run([*PROGRAM, "--version"], stdout=subprocess.DEVNULL, check=True)
        versions.append((time.perf_counter() - began) * 1000)
    listener.terminate()
    listener.wait()
    # The first ones fill caches.
    prompt, version = statistics.median(prompts[1:]), statistics.median(versions[1:])
    print(f"first prompt after {prompt:.0f} ms, {prompt - version:.0f} ms more than --version ({version:.0f} ms)")


def replay():
    """Through tmux: the terminal is part of what is measured. The connector is timed from before its start."""
    lines = "".join(f"\x1b[90m12:00\x1b[0m \x1b[34mbob\x1b[0m: {message(n)['body']}\n" for n in range(REPLAYED))
    runs = itertools.count()

    def run(command, last):
        # A server that is ending would take the next session down with it.
        tmux = ["tmux", "-L", f"bench-{os.getpid()}-{next(runs)}", "-f", "/dev/null"]
        start = time.perf_counter()
        size = ["-x", "100", "-y", "30"]
        subprocess.run([*tmux, "new-session", "-d", *size, "--", *command], check=True)
        while True:
            shown = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True).stdout
            if last in shown:
                break
            time.sleep(0.005)
        took = time.perf_counter() - start
        subprocess.run([*tmux, "kill-server"])
        return took

    cats, ours = [], []
    for _ in range(3):
        with tempfile.NamedTemporaryFile("w") as text:
            text.write(lines)
            text.flush()
            cats.append(run(["sh", "-c", f"cat {text.name}; exec cat"], f"message {REPLAYED - 1} "))
        ours.append(run(connector(Listener(REPLAYED, 0)), f"message {REPLAYED} "))
    cat, our = statistics.median(cats), statistics.median(ours)
    print(f"{REPLAYED} replayed messages: {our:.2f} s with the start of the program, cat of the same text {cat:.2f} s, "
          f"allowed {2 * cat + 1:.2f} s")


start()
for rate in (0, FLOOD_PER_SECOND):
    echo(rate)
replay()
