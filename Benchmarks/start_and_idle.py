"""Measures how long the app takes from exec to its first full frame, and what it costs while nothing happens.

Starts the program in a pseudo-terminal that answers like a terminal, on a folder of its own, a number of times; then leaves
it alone on the runs table and reads its processor time and the bytes that it writes.
usage: start_and_idle.py [STARTS] [PROGRAM]
"""
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

starts = int(sys.argv[1]) if len(sys.argv) > 1 else 20
program = sys.argv[2] if len(sys.argv) > 2 else ".build/release/trainyard"
home = tempfile.mkdtemp()
idle_seconds = 10


def start():
    """A new process and its terminal, and when it was started."""
    begin = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TRAINYARD_HOME=home, TERM="xterm-256color", LANG="C.UTF-8")
        os.execv(program, [program])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return child, terminal, begin


def read_until(terminal, marker, seconds):
    """What came until the marker, or until the time was over."""
    end, seen, answered = time.perf_counter() + seconds, b"", False
    while time.perf_counter() < end and not (marker and marker in seen):
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
            if not answered and b"\x1b[c" in seen:
                os.write(terminal, b"\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;22c")
                answered = True
    return seen


def processor_seconds(child):
    with open(f"/proc/{child}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(child, terminal):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)


try:
    # The first start makes the catalogue; it is not what a person waits for every day.
    child, terminal, _ = start()
    read_until(terminal, b"quit", 60)
    end(child, terminal)
    times = []
    for _ in range(starts):
        child, terminal, begin = start()
        if b"quit" not in read_until(terminal, b"quit", 60):
            sys.exit("no frame appeared in a minute")
        times.append((time.perf_counter() - begin) * 1000)
        end(child, terminal)
    child, terminal, _ = start()
    read_until(terminal, b"quit", 60)
    read_until(terminal, None, 2)
    before = processor_seconds(child)
    written = len(read_until(terminal, None, idle_seconds))
    used = processor_seconds(child) - before
    end(child, terminal)
    times.sort()
    print(json.dumps({
        "starts": starts, "firstFrameMedianMilliseconds": round(statistics.median(times), 1),
        "firstFrameMaximumMilliseconds": round(times[-1], 1), "idlePercentOfOneCore": round(100 * used / idle_seconds, 2),
        "idleBytesPerSecond": round(written / idle_seconds, 1),
    }))
finally:
    shutil.rmtree(home, ignore_errors=True)
