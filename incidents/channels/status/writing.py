"""Writing the status page: one writer at a time, each file whole, only those that changed."""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.utils import timezone

from incidents.channels.status import feeds
from incidents.channels.status.pages import Sheet, pages
from incidents.channels.status.reading import read
from incidents.operations import status_page

# The only files that are ours: nothing else is served, and nothing else is removed.
OURS = re.compile(r"(?:(?:history|incidents)/)?[a-z0-9][a-z0-9_-]*\.(?:html|atom|rss|json)")
FOLDERS = ("history", "incidents")
FIRST = "index.html"
_LOCK, _UNFINISHED = ".lock", ".part"
_began: set[Path] = set()  # what this process wrote once, whatever stood there

Stat = tuple[int, int, int]
# What this process made each file of, and the file as it left it: an old incident is not made
# into the same page again with every word about a new one.
_made: dict[Path, tuple[int, Stat | None]] = {}


@dataclass(frozen=True, slots=True)
class Written:
    """How many files were written, left as they were, and removed."""

    changed: int = 0
    same: int = 0
    removed: int = 0


def write_if_due(at: datetime) -> Written | None:
    """Write it where what stands there is out of date; None where it is not, or somebody writes.

    A process does so once in any case: settings and templates may be others than before.
    """
    folder = settings.STATUS_DIR
    is_there = folder in _began and (folder / FIRST).exists()
    if is_there and not status_page.is_due(at):
        return None
    try:
        return write(at)
    except BlockingIOError:
        return None


def write(at: datetime, folder: Path | None = None) -> Written:
    """Write the whole page; BlockingIOError while another process does.

    Into another folder it is a copy: whether the page itself is up to date is not touched.
    """
    to = folder or settings.STATUS_DIR
    if to != settings.STATUS_DIR:
        with _alone(to):
            return _write(to, at)
    try:
        with _alone(to):
            # Asked within the lock: whoever comes later reads what is newer.
            asked = status_page.state().asked
            found = _write(to, at)
            status_page.settle(asked, at=at)
    except BlockingIOError:
        raise
    except Exception as error:
        status_page.fail(f"{type(error).__name__}: {error}")
        raise
    _began.add(to)
    return found


def _write(to: Path, at: datetime) -> Written:
    with timezone.override(UTC):
        board = read(at)
        sheets = {
            sheet.name: sheet
            for sheet in (
                *pages(board),
                Sheet("feed.atom", partial(feeds.atom, board)),
                Sheet("feed.rss", partial(feeds.rss, board)),
                Sheet("status.json", partial(feeds.as_json, board)),
            )
        }
        changed = sum(_put(to, sheet) for sheet in sheets.values())
    return Written(changed, len(sheets) - changed, _remove(to, sheets))


def _put(to: Path, sheet: Sheet) -> bool:
    """Whether the file differed from what it is to be."""
    path, about = to / sheet.name, hash(sheet.about)
    if sheet.about is not None and (about, _stat(path)) == _made.get(path):
        return False
    differs = _replace(path, sheet.text().encode())
    _made[path] = about, _stat(path)
    return differs


def _stat(path: Path) -> Stat | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _replace(path: Path, content: bytes) -> bool:
    """Whether it differed; a reader sees the old file or the new one, never half of one."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return False
    path.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=_UNFINISHED, delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fchmod(part.fileno(), 0o644)  # another program, another user may serve it
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return True


def _remove(folder: Path, wanted: Iterable[str]) -> int:
    """What an incident left behind that is shown no more, and what a killed writer left."""
    kept, removed = set(wanted), 0
    for path in [
        *folder.iterdir(),
        *(one for sub in FOLDERS for one in (folder / sub).glob("*")),
    ]:
        name = path.relative_to(folder).as_posix()
        if path.suffix == _UNFINISHED or (OURS.fullmatch(name) and name not in kept):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The kernel drops the lock with its holder: a killed writer leaves none behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
