"""From the page of an exercise to the pages it is steered, judged and played on, which stand above this app."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from incidents.models import Incident, Person


class Room(NamedTuple):
    """One page of an exercise that is this reader's."""

    icon: str
    label: str
    url: str
    is_stop: bool = False  # the stop word, which everybody finds at once


Rooms = Callable[[Incident, Person], Iterable[Room]]
_known: list[Rooms] = []


def led_to_by(rooms: Rooms) -> None:
    """Ask this as well where an exercise leads its reader; once, however often it is said."""
    if rooms not in _known:
        _known.append(rooms)


def of(incident: Incident, reader: Person) -> list[Room]:
    """The reader's pages of this exercise; of a real incident none, without a query."""
    if incident.kind != Incident.Kind.EXERCISE:
        return []
    return [room for rooms in _known for room in rooms(incident, reader)]
