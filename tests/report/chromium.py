# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""A page in headless Chromium: its DOM after the scripts, what they wrote to the console, and pictures of it."""
import os
import shutil
import struct
import subprocess
import tempfile
import zlib

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
           "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=60000",
           # No name is found: a page that loads something fails.
           "--host-resolver-rules=MAP * ~NOTFOUND"]


def _run(arguments, page, width, height, dark):
    home = tempfile.mkdtemp(prefix="lockwalk-chromium-")
    command = ["chromium", *OPTIONS, "--user-data-dir=" + home, f"--window-size={width},{height}", *arguments]
    if dark:
        command.append("--blink-settings=preferredColorScheme=0")
    try:
        done = subprocess.run(command + ["file://" + os.path.abspath(page)], capture_output=True, timeout=240, check=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    console = [line for line in done.stderr.decode(errors="replace").splitlines() if ":CONSOLE" in line]
    return done.stdout.decode(), console


def dom(page, width=1280, height=900, dark=False):
    """The DOM as HTML, and the lines of the console."""
    return _run(["--dump-dom"], page, width, height, dark)


def screenshot(page, to, width=1280, height=900, dark=False):
    _run(["--screenshot=" + to], page, width, height, dark)


def pdf(page, to):
    _run(["--print-to-pdf=" + to, "--no-pdf-header-footer"], page, 1280, 900, False)


def first_pixel(path):
    """(red, green, blue) of the upper left corner of a PNG, whose first row no filter changes there."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed = 8, b""
    while at < len(data):
        (size,) = struct.unpack(">I", data[at:at + 4])
        if data[at + 4:at + 8] == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    row = zlib.decompressobj().decompress(packed, 4)
    return tuple(row[1:4])
