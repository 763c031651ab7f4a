"""Takes pictures of the running app: starts it in a pseudo-terminal, types, and draws the emulator's cells.

The scenes are at the end. Actions are chosen in the palette by name, so that other keys change nothing here.
A scene that fails is told and the others go on; the exit code is then 1.
"""
import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte
from PIL import Image, ImageDraw, ImageFont

FOLDER = os.path.dirname(os.path.abspath(__file__))
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, MARGIN = 12, 24, 20, 12
FONTS = ["/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf", "/usr/share/fonts/TTF/DejaVuSansMono{}.ttf"]
ENTER, DOWN, NEXT_PAGE = "\r", "\x1b[B", "\x1b[6~"


class Screen(pyte.Screen):
    """pyte's screen, with what ncurses uses beside."""

    last = " "

    def draw(self, data):
        if data:
            self.last = data[-1]
        super().draw(data)

    def repeat_character(self, count=1, **_):
        self.draw(self.last * (count or 1))

    def report_device_attributes(self, *_, **__):
        pass


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b="repeat_character")
    events = pyte.ByteStream.events | {"repeat_character"}


class App:
    """The program in a terminal of its own."""

    def __init__(self, program, home, width, height, theme):
        self.screen = Screen(width, height)
        self.stream = Stream(self.screen)
        self.held = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            for name in ("NO_COLOR", "TMUX", "STY", "COLORTERM"):
                os.environ.pop(name, None)
            os.environ.update(
                TRAINYARD_HOME=home, HOME=home, XDG_CONFIG_HOME=home + "/config", TERM="xterm-direct", LANG="C.UTF-8",
                TRAINYARD_THEME=theme, TRAINYARD_SYNC="0")
            os.execv(program, [program])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def listen(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.02)[0]:
                try:
                    data = os.read(self.terminal, 65536)
                except OSError:
                    return
                self.stream.feed(self.without_strings(data))

    def without_strings(self, data):
        """Questions to the terminal and their like are no text; the emulator would print some."""
        data, result = self.held + data, b""
        self.held = b""
        while True:
            begins = [place for place in (data.find(mark) for mark in (b"\x1b]", b"\x1b_", b"\x1bP")) if place >= 0]
            if not begins:
                # An escape at the end may begin one.
                cut = len(data) - 1 if data.endswith(b"\x1b") else len(data)
                self.held = data[cut:]
                return result + data[:cut]
            begin = min(begins)
            result += data[:begin]
            ends = [data.find(mark, begin + 2) + len(mark) for mark in (b"\x1b\\", b"\x07") if data.find(mark, begin + 2) >= 0]
            if not ends:
                self.held = data[begin:]
                return result
            data = data[min(ends):]

    @property
    def text(self):
        return "\n".join(self.screen.display)

    def type(self, keys, pause=0.4):
        os.write(self.terminal, keys.encode())
        self.listen(pause)

    def wait(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text not in self.text:
            if time.monotonic() > end:
                raise RuntimeError(f"“{text}” did not appear; the screen shows:\n{self.text}")
            self.listen(0.1)

    def act(self, name):
        """Runs an action of the palette by its title."""
        self.type(":")
        self.wait("Find", 10)
        self.type(name, 0.6)
        self.type(ENTER, 0.8)
        if "another screen" in self.text or "No action is called so" in self.text:
            raise RuntimeError(f"“{name}” cannot be done here; the screen shows:\n{self.text}")

    def close(self):
        """Stops its runs and leaves, as Ctrl-C pressed twice does."""
        os.write(self.terminal, b"\x03\x03")
        end = time.monotonic() + 20
        while os.waitpid(self.child, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(self.child, signal.SIGKILL)
                end += 20
            self.listen(0.1)
        os.close(self.terminal)


# MARK: Drawing

def fonts():
    for pattern in FONTS:
        if os.path.exists(pattern.format("")):
            return [ImageFont.truetype(pattern.format(style), FONT_SIZE) for style in ("", "-Bold")]
    sys.exit("DejaVu Sans Mono is missing; install fonts-dejavu-core.")


def color(name, fallback):
    try:
        return tuple(int(name[place:place + 2], 16) for place in (0, 2, 4))
    except ValueError:
        return fallback


def draw_cell(draw, x, y, cell, regular, bold):
    foreground, background = color(cell.fg, (216, 222, 230)), color(cell.bg, (21, 24, 29))
    if cell.reverse:
        foreground, background = background, foreground
    right, bottom, middle = x + CELL_WIDTH - 1, y + CELL_HEIGHT - 1, y + CELL_HEIGHT // 2
    draw.rectangle([x, y, right, bottom], fill=background)
    character = cell.data
    if not character.strip():
        pass
    elif 0x2800 <= ord(character[0]) <= 0x28FF:
        # Braille's bits count its dots down the left, down the right, then the bottom pair.
        for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
            if (ord(character[0]) - 0x2800) >> bit & 1:
                left, top = x + 1 + 6 * column, y + 1 + 6 * row
                draw.ellipse([left, top, left + 3, top + 3], fill=foreground)
    elif character == "▀":
        draw.rectangle([x, y, right, middle - 1], fill=foreground)
    elif character == "▄":
        draw.rectangle([x, middle, right, bottom], fill=foreground)
    elif character == "█":
        draw.rectangle([x, y, right, bottom], fill=foreground)
    else:
        draw.text((x, y), character, font=bold if cell.bold else regular, fill=foreground)
    if cell.underscore:
        draw.line([x, bottom - 2, right, bottom - 2], fill=foreground)


def save(app, name):
    regular, bold = fonts()
    screen = app.screen
    ground = color(screen.buffer[0][0].bg, (21, 24, 29))
    image = Image.new("RGB", (screen.columns * CELL_WIDTH + 2 * MARGIN, screen.lines * CELL_HEIGHT + 2 * MARGIN), ground)
    draw = ImageDraw.Draw(image)
    for row in range(screen.lines):
        for column in range(screen.columns):
            draw_cell(draw, MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT, screen.buffer[row][column], regular, bold)
    image.save(os.path.join(FOLDER, name + ".png"), optimize=True)


# MARK: Scenes

def prepare(program, home):
    """Some finished runs, made on the command line; a home that has them is left as it is."""
    done = os.path.join(home, "prepared")
    if os.path.exists(done):
        return
    environment = dict(os.environ, TRAINYARD_HOME=home, HOME=home, XDG_CONFIG_HOME=home + "/config")
    runs = [
        ["--name", "digits-small", "--task", "classify", "--epochs", "16", "--seed", "1"],
        ["--name", "digits-batch-16", "--task", "classify", "--epochs", "16", "--batch-size", "16", "--seed", "2"],
        ["--name", "scenes-first", "--epochs", "16"],
    ]
    stopped = subprocess.Popen(
        [program, "quickstart", "--yes", "--name", "scenes-all-night", "--epochs", "400"], env=environment, stdout=subprocess.DEVNULL)
    time.sleep(25)
    subprocess.run([program, "runs", "abort", "scenes-all-night"], env=environment, check=True, stdout=subprocess.DEVNULL)
    stopped.wait()
    for run in runs:
        subprocess.run([program, "quickstart", "--yes", *run], env=environment, check=True, stdout=subprocess.DEVNULL)
    open(done, "w").close()


def open_detector(app):
    app.wait("scenes-first")
    app.type("/scenes-first" + ENTER, 1)
    app.type(ENTER, 2)


def table(app):
    app.wait("scenes-first")
    app.listen(1.5)


def wizard(app):
    app.wait("quit")
    app.type("n", 1)
    if "begin" in app.text:
        app.type(ENTER, 1)
    app.wait("page 1 of", 120)
    app.type(NEXT_PAGE, 2)


def form(app):
    app.wait("quit")
    app.type("n", 1)
    app.type(DOWN + ENTER, 3)
    for _ in range(7):
        app.type(NEXT_PAGE, 0.8)
    app.listen(2)


def live(app):
    """Quick Start's own run, pictured after some evaluations."""
    app.wait("quit")
    app.type("n", 1)
    app.type(ENTER, 1)
    app.wait("page 1 of", 120)
    for _ in range(30):
        if "1 loss" in app.text:
            break
        app.type(ENTER, 0.5)
    app.listen(5)
    while "epoch 14/" not in app.text:
        app.listen(0.5)
        if "running" not in app.text:
            raise RuntimeError(f"the run does not train; the screen shows:\n{app.text}")


def predictions(app):
    open_detector(app)
    app.act("tab: predictions")
    app.listen(3)


def compare(app):
    app.wait("digits-small")
    app.type("/", 0.4)
    app.type("digits" + ENTER, 1)
    app.type(" " + DOWN + " ", 1)
    app.act("compare")
    app.listen(3)


def themes(app):
    app.wait("quit")
    app.type("T", 1)
    app.type(DOWN + DOWN + DOWN, 1)


SCENES = [
    # name, function, columns, rows, theme
    ("runs", table, 110, 28, "dark"),
    ("wizard", wizard, 96, 28, "dark"),
    ("form", form, 110, 32, "dark"),
    ("predictions", predictions, 132, 40, "dark"),
    ("compare", compare, 132, 40, "dark"),
    ("themes", themes, 96, 26, "dark"),
    ("runs-high-contrast", table, 110, 28, "high-contrast"),
    ("live", live, 132, 40, "dark"),
    ("live-light", live, 132, 40, "light"),
]


def main():
    parser = argparse.ArgumentParser(description="Takes pictures of the running app.")
    parser.add_argument("--program", default=".build/release/trainyard")
    parser.add_argument("--home", help="a folder to keep the runs in; without it they are made anew, which takes minutes")
    parser.add_argument("scenes", nargs="*", help="the scenes to take; all without any")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    home = os.path.abspath(options.home) if options.home else tempfile.mkdtemp()
    os.makedirs(home, exist_ok=True)
    failed = []
    try:
        prepare(program, home)
        for name, scene, width, height, theme in SCENES:
            if options.scenes and name not in options.scenes:
                continue
            app = App(program, home, width, height, theme)
            try:
                scene(app)
                save(app, name)
                print(f"{name}.png")
            except (RuntimeError, OSError) as problem:
                failed.append(name)
                print(f"{name}: {problem}", file=sys.stderr)
            finally:
                app.close()
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
