"""Whether this process was asked to end: delivering stops between two messages then."""

from threading import Event

_asked = Event()


def stop_after_this() -> None:
    """What is in hand is finished and settled; the rest is given back."""
    _asked.set()


def is_asked() -> bool:
    """True from the moment this process was asked to end."""
    return _asked.is_set()


def go_on() -> None:
    """As if nobody had asked: for a process that begins, and for tests."""
    _asked.clear()
