"""Runs a command whose output is non-blocking, and begins to read it only when it takes no more.

slow_reader.py pipe|small-pipe|socket|terminal stdout|stderr COMMAND ... prints the SHA-256 of the output and the status.
"""
import fcntl
import hashlib
import os
import pty
import select
import socket
import subprocess
import sys
import time
import tty

kind, stream, *command = sys.argv[1:]
if kind == "socket":
    near, far = socket.socketpair()
    reader, writer = near.detach(), far.detach()
elif kind == "terminal":
    reader, writer = pty.openpty()
    tty.setraw(writer)
else:
    reader, writer = os.pipe()
    if kind == "small-pipe":
        fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
os.set_blocking(writer, False)
child = subprocess.Popen(command, **{stream: writer})
while select.select([], [writer], [], 0)[1]:
    assert child.poll() is None, "the command ended before its output was full"
    time.sleep(0.001)
os.close(writer)
read = hashlib.sha256()
try:
    while some := os.read(reader, 3000):
        read.update(some)
except OSError:
    pass  # A terminal ends with an error.
print(read.hexdigest(), child.wait())
