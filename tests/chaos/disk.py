"""A disk without room: a small file system of its own where that is allowed, else a limit on files."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.chaos.installation import Installation
from tests.servers import children

SIZE = 256 * 2**20


@contextmanager
def small(folder: Path) -> Iterator[bool]:
    """The folder lies on a small disk within; False where only root may have one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "chaos", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(place: Installation) -> Iterator[None]:
    """No file of the installation grows meanwhile."""
    if os.path.ismount(place.folder):
        filler = place.folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            filler.unlink()
        return
    limited = [pid for child in place.children.values() for pid in _family(child.process)]
    for pid in limited:
        _limit(pid, 0)
    try:
        yield
    finally:
        for pid in limited:
            _limit(pid, resource.RLIM_INFINITY)


def _family(process: "subprocess.Popen[bytes] | None") -> list[int]:
    return [process.pid, *children(process.pid)] if process else []


def _limit(pid: int, most: int) -> None:
    with suppress(ProcessLookupError):  # it died of it, and was started again without
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(
            pid, resource.RLIMIT_FSIZE, (min(most, hard) if hard >= 0 else most, hard)
        )
