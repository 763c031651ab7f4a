"""Measures how long a key press takes to change the screen while a run of the same process uses all cores.

Opens the app in a pseudo-terminal on a folder of its own, walks Quick Start with its defaults, waits for the first
steps, then opens and closes the list of actions and times each press until the list has arrived.
usage: key_latency.py [PRESSES] [PROGRAM]
"""
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

presses = int(sys.argv[1]) if len(sys.argv) > 1 else 60
program = sys.argv[2] if len(sys.argv) > 2 else ".build/release/trainyard"
home = tempfile.mkdtemp()
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TRAINYARD_HOME=home, XDG_CONFIG_HOME=home + "/config", TERM="xterm-256color", LANG="C.UTF-8")
    os.execv(program, [program])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))


def read_until(marker, seconds):
    """The seconds until the marker is in what the program writes, or None."""
    start, seen = time.perf_counter(), b""
    while time.perf_counter() - start < seconds:
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 65536)
            if marker in seen:
                return time.perf_counter() - start
    return None


def press(keys):
    os.write(terminal, keys)


try:
    if read_until(b"new run", 60) is None:
        sys.exit("the runs table did not appear")
    press(b"n")
    if read_until(b"Quick Start", 60) is None:
        sys.exit("the blueprints did not appear")
    press(b"\r")
    if read_until(b"page 1 of 7", 60) is None:
        sys.exit("the wizard did not appear")
    for _ in range(30):
        press(b"\r")
        if read_until(b"1 loss", 0.6) is not None:
            break
    else:
        sys.exit("the run did not start")
    read_until(b"\0", 15)
    times = []
    for _ in range(presses):
        press(b":")
        taken = read_until(b"Find", 5)
        if taken is None:
            sys.exit("a key press changed nothing for five seconds")
        times.append(taken * 1000)
        press(b"\x1b")
        read_until(b"\0", 0.25)
    times.sort()
    print(json.dumps({
        "presses": presses, "medianMilliseconds": round(statistics.median(times), 2),
        "p95Milliseconds": round(times[int(len(times) * 0.95)], 2), "maximumMilliseconds": round(times[-1], 2),
    }))
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
