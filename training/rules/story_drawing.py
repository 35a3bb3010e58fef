"""A story out of what really happened: entries become injects, acts what is expected, names roles.

Pure: what is given is given as plain values, and nobody's name comes back out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DOMAIN_OWNER
from training.rules.stories import Inject, Objective

MODULES = ("Share what is known", "Respond", "Recover")
MOST_DRAWN = 40
TITLE_LENGTH = 80
_AFTER_THE_END = 10  # minutes
_SHORTEST = 30  # minutes: a game day takes as long in any case
_MOST_DONE = 6  # acts named as expected: the rest is in the incident's own timeline
_LONGEST_DEED = 200
# Most of what comes in an emergency changes nothing, and somebody has to see that it does not.
_NOTHING_DONE = "Take note of it, and decide whether it changes anything."
_SHORTEST_NAME = 3
# What bears a date was true that day: a term of law, a promised time.
_DATED = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2} [A-Z][a-z]{2,8} \d{4}\b")

GOALS = (
    Objective(
        number=1,
        capability="Command",
        text="Declare, name a commander and set the severity as soon as the signs are there",
        target="a commander in charge within 10 minutes",
        activities=("declare", "assign_commander", "set_severity"),
        role=COMMANDER,
    ),
    Objective(
        number=2,
        capability="Communication",
        text="Tell those inside and outside what is known, and when the next word comes",
        target="first public word within 15 minutes, no promised time missed",
        activities=("first_internal_update", "publish_externally"),
        role=COMMUNICATIONS,
    ),
    Objective(
        number=3,
        capability="Containment",
        text="Stop the harm by a recorded decision, then restore",
        activities=("contain", "mitigate", "decide"),
        role=DOMAIN_OWNER,
    ),
)
_ACTIVITIES = {1: ("declare",), 2: ("publish_externally",), 3: ("contain",)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that came to the people then; an act (`is_act`) is what they did about it."""

    at: datetime
    text: str
    method: str = "chat"
    sender: str = ""
    is_act: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What became of it."""

    injects: tuple[Inject, ...]
    objectives: tuple[Objective, ...]
    minutes: int


def draw(
    entries: Sequence[Entry],
    facts: Sequence[tuple[datetime, Mapping[str, Any]]],
    *,
    contained_after: int | None = None,
) -> Drawn:
    """Injects at the minutes at which these things came, what was done then as expected action.

    At most 40: what came close together becomes one. Facts go with the last inject before them.
    `contained_after`: the minutes it took then, which is the target now.
    """
    came = sorted((each for each in entries if not each.is_act), key=lambda one: one.at)
    acts = (each for each in entries if each.is_act and not _DATED.search(each.text))
    did = sorted(acts, key=lambda one: one.at)
    if not came:
        return Drawn((), _goals(contained_after), _SHORTEST)
    began = came[0].at
    groups = _grouped(came)
    last = max(_minute(group[0].at, began) for group in groups)
    injects = [_inject(n, group, began, last) for n, group in enumerate(groups, start=1)]
    starts = [group[0].at for group in groups]
    injects = [
        replace(
            inject,
            expected_action=_expected(did, starts, place),
            facts=_known(facts, starts, place),
        )
        for place, inject in enumerate(injects)
    ]
    minutes = max(last, contained_after or 0) + _AFTER_THE_END
    return Drawn(_supporting(injects), _goals(contained_after), max(minutes, _SHORTEST))


def nameless(text: str, names: Mapping[str, str]) -> str:
    """The text with each of these names as what stands for it; the longest first, whole words.

    One word with a capital only where it has it, a shorter one than three letters in small ones
    only after an @, since both may be ordinary words. Addresses of e-mail go too, whoever's.
    """
    text = re.sub(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "an address", text)
    known = {name.casefold(): role for name, role in names.items() if not _is_written_so(name)}
    said = {name: role for name, role in names.items() if _is_written_so(name)}
    branches = [
        rf"@?(?P<any>(?i:{_either(name for name in known if len(name) >= _SHORTEST_NAME)}))",
        rf"@(?P<at>(?i:{_either(name for name in known if len(name) < _SHORTEST_NAME)}))",
        rf"@?(?P<so>{_either(said)})",
    ]

    def stands(hit: re.Match[str]) -> str:
        return said[hit["so"]] if hit["so"] else known[(hit["any"] or hit["at"]).casefold()]

    return re.sub(rf"(?<!\w)(?:{'|'.join(branches)})(?!\w)", stands, text)


def parts_of(name: str) -> Iterator[str]:
    """Each given name and surname alone, without “von” and the like, which are words."""
    for part in re.split(r"[\s\-]+", name):
        if len(part) > 1 and not part[0].islower():
            yield part


def _is_written_so(name: str) -> bool:
    """One word with a capital counts only written like that: Grace Will is no grace, and no will."""
    return len(name) > 1 and " " not in name and not name[0].islower() and not name.isupper()


def _either(names: Iterable[str]) -> str:
    # The longest first; one that never matches where there is none.
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)"


def _goals(contained_after: int | None) -> tuple[Objective, ...]:
    target = "within 60 minutes"
    if contained_after:
        target = f"in less than the {contained_after} minutes it took then"
    return (*GOALS[:2], replace(GOALS[2], target=target))


def _grouped(came: Sequence[Entry]) -> list[list[Entry]]:
    """As many groups as there may be injects, each of neighbours."""
    size = -(-len(came) // MOST_DRAWN)
    return [list(came[first : first + size]) for first in range(0, len(came), size)]


def _minute(at: datetime, began: datetime) -> int:
    return max(int((at - began).total_seconds() // 60), 0)


def _inject(number: int, group: Sequence[Entry], began: datetime, last: int) -> Inject:
    minute = _minute(group[0].at, began)
    # The first third is learning what it is, the last is coming back.
    module = 1 if minute * 3 <= last else 2 if minute * 3 <= 2 * last else 3
    first = group[0]
    goal = 2 if first.method in ("mail", "news") else 1 if module == 1 else 3
    return Inject(
        number=number,
        module=module,
        minute=minute,
        title=_title(first.text),
        method=first.method,
        sender=first.sender,
        text="\n\n".join(dict.fromkeys(each.text for each in group)),
        activities=_ACTIVITIES[goal],
        objectives=(goal,),
    )


def _supporting(injects: Sequence[Inject]) -> tuple[Inject, ...]:
    """The last one also shows what no other does: an objective without an inject shows nothing."""
    *rest, last = injects
    shown = {number for each in injects for number in each.objectives}
    missing = {each.number for each in GOALS} - shown
    return (*rest, replace(last, objectives=tuple(sorted({*last.objectives, *missing}))))


def _title(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"


def _within(at: datetime, starts: Sequence[datetime], place: int) -> bool:
    """Whether it falls between this inject and the next; what came before all, to the first."""
    after = place == 0 or at >= starts[place]
    return after and (place + 1 == len(starts) or at < starts[place + 1])


def _expected(did: Iterable[Entry], starts: Sequence[datetime], place: int) -> str:
    done = [_first_line(each.text) for each in did if _within(each.at, starts, place)]
    done = list(dict.fromkeys(done))
    if not done:
        return _NOTHING_DONE
    more = f"; and {len(done) - _MOST_DONE} more" if len(done) > _MOST_DONE else ""
    return "Then it was: " + "; ".join(done[:_MOST_DONE]) + more


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0].rstrip(".:;")
    return line if len(line) <= _LONGEST_DEED else line[:_LONGEST_DEED].rsplit(" ", 1)[0] + " …"


def _known(
    facts: Sequence[tuple[datetime, Mapping[str, Any]]],
    starts: Sequence[datetime],
    place: int,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at, said in facts:
        if _within(at, starts, place):
            found |= said
    return found
