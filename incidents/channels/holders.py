"""Which process holds a claim: so that what a killed one held need not wait for the end of its lease."""

import os
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

from incidents.operations import outbox

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def name() -> str:
    """How this process signs its claims: where it runs, and its number there."""
    return f"{_place()}-{os.getpid()}."


def free_the_dead() -> int:
    """Give back what processes of this very place held that live no longer; how many messages.

    Elsewhere nobody can be asked: there the lease ends by itself. A number that another process
    bears by now counts as alive.
    """
    return outbox.free([claim for claim in outbox.claims() if _is_dead(claim)])


@cache
def _place() -> str:
    """This boot of this machine, and within it this container: numbers mean something there only."""
    parts = [socket.gethostname()]
    if _BOOT.exists() and _NAMESPACE.exists():
        parts += [_BOOT.read_text().strip(), str(_NAMESPACE.readlink())]
    return sha256("\n".join(parts).encode()).hexdigest()[:8]


def _is_dead(claim: str) -> bool:
    place, _, process = claim.partition(".")[0].partition("-")
    return place == _place() and process.isdecimal() and not _lives(int(process))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
