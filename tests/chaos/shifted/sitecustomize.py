"""Loaded by a Python whose path leads here first: its clock differs by what a file says, in seconds.

CHAOS_CLOCK names the file. The wall clock alone is shifted, as when somebody sets it; intervals
(`time.monotonic`) pass as ever. The file is read five times a second.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

FILE = os.environ.get("CHAOS_CLOCK")
LOOK_EVERY = 0.2  # seconds
_shift = 0.0


def now() -> float:
    """What the machine's own clock says."""
    hatch = time_machine.escape_hatch
    return hatch.time.time() if hatch.is_travelling() else time.time()


def look() -> None:
    """Travel to where the file points, if that changed; never back in between."""
    global _shift
    wanted = float(Path(FILE or "").read_text())
    if wanted != _shift:
        _shift = wanted
        time_machine.travel(now() + wanted, tick=True).start()


def keep_looking() -> None:
    while True:
        time.sleep(LOOK_EVERY)
        look()


def watch() -> None:
    threading.Thread(target=keep_looking, daemon=True).start()


if FILE:
    look()
    watch()
    os.register_at_fork(after_in_child=watch)
